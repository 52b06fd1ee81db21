export { SimulatedClock } from './simulated-clock.ts';
