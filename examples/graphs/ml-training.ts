/**
 * Trains a model on a public data set, several settings at the same time, and reports the best.
 *
 * The model is a softmax regression that tells the species of a penguin from four measurements: small, and real. Each setting is
 * judged by five-fold cross-validation on the training birds; the best is trained on all of them and tried on birds that no
 * training has seen. Everything follows from the seed, so that a task which is done again gives the same.
 *
 * Shows: typed tasks in code, a map over a list with a width, what a task takes of the machine and how long it should, and an output.
 *
 *   pawl plan examples/graphs/ml-training.ts --workers 2     # before it runs
 *   pawl run examples/graphs/ml-training.ts
 *   pawl graph examples/graphs/ml-training.ts
 *
 * The data are in examples/data, with their source and licence.
 */

// In a project of your own: from 'pawl'.
import { dag } from '../../src/index.ts';
import clean from '../etl/clean.ts';
import extract from '../etl/extract.ts';
import { writeWhole } from '../etl/files.ts';
import { type Bird, birdsOf, crossValidated, type Setting, split, tested, trained } from './penguin-model.ts';

const folder = 'examples/out';
const seed = 20;

export const mlTraining = dag('ml-training', {
  description: 'Which settings tell penguins apart best?',
  tags: ['example'],
  concurrency: 4,
})
  .task('extract', {
    title: 'Read the file as it was published',
    type: 'io',
    estimate: '50ms',
    run: () => extract({ csv: 'examples/data/penguins-raw.csv', to: `${folder}/ml-rows.json` }),
  })
  .task('clean', {
    needs: ['extract'],
    title: 'Keep the birds that were measured',
    type: 'compute',
    estimate: '20ms',
    run: ({ extract }) => clean({ rows: extract.rows, to: `${folder}/ml-clean.json` }),
  })
  .task('split', {
    needs: ['clean'],
    title: 'Put every fifth bird aside',
    type: 'compute',
    estimate: '10ms',
    run: ({ clean }): { train: Bird[]; test: Bird[] } => split(birdsOf(clean.rows), seed),
  })
  .map('validate', {
    needs: ['split'],
    title: 'Judge each setting by cross-validation',
    type: 'compute',
    resources: { cpu: 1, memoryMb: 64 },
    estimate: '900ms',
    over: (): Setting[] =>
      [0.02, 0.2, 1].flatMap((rate) => [0, 0.01, 0.1].map((decay) => ({ rate, decay, epochs: 120 }))),
    width: 3,
    input: (setting, { split }) => ({ birds: split.train, setting }),
    run: ({ birds, setting }: { birds: Bird[]; setting: Setting }) => ({
      setting,
      accuracy: crossValidated(birds, setting, 5, seed),
    }),
  })
  .task('choose', {
    needs: ['validate'],
    title: 'Take the best',
    estimate: '1ms',
    run: ({ validate }) => validate.reduce((best, one) => (one.accuracy > best.accuracy ? one : best)),
  })
  .task('train', {
    needs: ['split', 'choose'],
    title: 'Train it on all training birds',
    type: 'compute',
    resources: { cpu: 1, memoryMb: 64 },
    estimate: '200ms',
    run: ({ split, choose }) => trained(split.train, choose.setting),
  })
  .task('test', {
    needs: ['split', 'train'],
    title: 'Try it on birds it has not seen',
    type: 'compute',
    estimate: '5ms',
    run: ({ split, train }) => tested(train, split.test),
  })
  .task('report', {
    needs: ['validate', 'choose', 'test'],
    title: 'Write it down',
    type: 'io',
    estimate: '5ms',
    run: ({ validate, choose, test }) => {
      const lines = [...validate]
        .sort((a, b) => b.accuracy - a.accuracy)
        .map(({ setting, accuracy }) => `| ${setting.rate} | ${setting.decay} | ${(100 * accuracy).toFixed(1)} % |`);
      const file = `${folder}/ml-report.md`;
      const best = `rate ${choose.setting.rate}, decay ${choose.setting.decay}`;
      writeWhole(
        file,
        `# Telling penguins apart\n\nThe best setting is ${best}: it told ${test.right} of ${test.of} unseen birds right.\n\n` +
          `| rate | decay | cross-validated |\n| --- | --- | --- |\n${lines.join('\n')}\n`,
      );
      return { file };
    },
  })
  .output(['choose', 'test', 'report'], ({ choose, test, report }) => ({
    best: choose.setting,
    validated: choose.accuracy,
    unseen: test.right / test.of,
    mistakes: test.mistakes,
    report: report.file,
  }));
