/** A softmax regression over four measurements, by gradient descent: enough to tell three species of penguins apart. */

import type { Penguin } from '../etl/clean.ts';
import { readJson } from '../etl/files.ts';

export type Bird = { species: string; features: number[] };
export type Setting = { rate: number; decay: number; epochs: number };

/** Weights by species: one for each feature, and the last one alone. Means and spreads are of the birds it was trained on. */
export type Model = { species: string[]; weights: number[][]; mean: number[]; spread: number[] };

export function birdsOf(file: string): Bird[] {
  return readJson<Penguin[]>(file).map((penguin) => ({
    species: penguin.species,
    features: [penguin.culmenLengthMm, penguin.culmenDepthMm, penguin.flipperLengthMm, penguin.bodyMassG],
  }));
}

/** Every fifth bird of a shuffled row is for testing. */
export function split(birds: readonly Bird[], seed: number): { train: Bird[]; test: Bird[] } {
  const row = shuffled(birds, seed);
  return { train: row.filter((_, index) => index % 5 !== 0), test: row.filter((_, index) => index % 5 === 0) };
}

/** The share of birds told right by models that were trained without them. */
export function crossValidated(birds: readonly Bird[], setting: Setting, folds: number, seed: number): number {
  const row = shuffled(birds, seed);
  let right = 0;
  for (let fold = 0; fold < folds; fold += 1) {
    const model = trained(
      row.filter((_, index) => index % folds !== fold),
      setting,
    );
    right += tested(
      model,
      row.filter((_, index) => index % folds === fold),
    ).right;
  }
  return right / row.length;
}

export function trained(birds: readonly Bird[], { rate, decay, epochs }: Setting): Model {
  const species = [...new Set(birds.map((bird) => bird.species))].sort();
  const size = birds[0]!.features.length;
  const columns = Array.from({ length: size }, (_, at) => birds.map(({ features }) => features[at]!));
  const mean = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length);
  const spread = columns.map((column, at) =>
    Math.sqrt(column.reduce((sum, value) => sum + (value - mean[at]!) ** 2, 0) / column.length),
  );
  const model: Model = { species, weights: species.map(() => new Array<number>(size + 1).fill(0)), mean, spread };
  const inputs = birds.map((bird) => scaled(model, bird));
  const answers = birds.map((bird) => species.indexOf(bird.species));
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const slopes = species.map(() => new Array<number>(size + 1).fill(0));
    inputs.forEach((input, bird) => {
      likelihoods(model, input).forEach((share, at) => {
        const error = share - (at === answers[bird] ? 1 : 0);
        input.forEach((value, feature) => {
          slopes[at]![feature]! += (error * value) / inputs.length;
        });
      });
    });
    for (const [at, weights] of model.weights.entries()) {
      for (let feature = 0; feature < weights.length; feature += 1) {
        weights[feature]! -= rate * (slopes[at]![feature]! + decay * weights[feature]!);
      }
    }
  }
  return model;
}

export function tested(
  model: Model,
  birds: readonly Bird[],
): { right: number; of: number; mistakes: { was: string; told: string }[] } {
  const mistakes = birds
    .map((bird) => ({ was: bird.species, told: speciesOf(model, bird) }))
    .filter(({ was, told }) => was !== told);
  return { right: birds.length - mistakes.length, of: birds.length, mistakes };
}

function speciesOf(model: Model, bird: Bird): string {
  const shares = likelihoods(model, scaled(model, bird));
  return model.species[shares.indexOf(Math.max(...shares))]!;
}

/** Each feature in spreads from the mean, and a 1 for the weight that stands alone. */
function scaled({ mean, spread }: Model, { features }: Bird): number[] {
  return [...features.map((value, at) => (value - mean[at]!) / spread[at]!), 1];
}

function likelihoods({ weights }: Model, input: readonly number[]): number[] {
  const scores = weights.map((row) => row.reduce((sum, weight, at) => sum + weight * input[at]!, 0));
  const most = Math.max(...scores);
  const shares = scores.map((score) => Math.exp(score - most));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

function shuffled(birds: readonly Bird[], seed: number): Bird[] {
  const row = [...birds];
  let state = seed >>> 0 || 1;
  for (let last = row.length - 1; last > 0; last -= 1) {
    // A linear congruential generator: the same row on every machine.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (last + 1);
    [row[last], row[other]] = [row[other]!, row[last]!];
  }
  return row;
}
