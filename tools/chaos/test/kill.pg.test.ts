/**
 * A small budget of the kill test: at least 6 runs killed at random moments, and one of each other blow. The long run
 * is `npm run chaos -- --kills 50`. Another seed every time; a failure prints the command that repeats the trial.
 */
import { makeWorld, parsePlan, runCampaign, type CampaignResult, type World } from '@wxyc/chaos';
import { stepContext } from '@wxyc/step';
import { temporaryFolder } from '@wxyc/testing';

let world: World;

beforeAll(async () => {
  world = await makeWorld({ folder: temporaryFolder('chaos-'), releases: 300 });
}, 180_000);

afterAll(() => world?.close(), 60_000);

const faults = ({ failed }: CampaignResult): string[] =>
  failed.flatMap(({ again, faults }) => [again, ...faults]);

test('runs killed at random moments end, resumed, as an undisturbed run does', async () => {
  const seed = Math.floor(Math.random() * 1e9);
  process.stderr.write(`chaos: seed ${seed}\n`);
  const result = await runCampaign(world, {
    seed,
    kills: 6,
    only: { blows: ['kill', 'forget'] },
    logger: stepContext().logger,
  });
  expect(faults(result)).toEqual([]);
}, 400_000);

test.each([
  'xml/server: term@2+0.5 crash@6+0.5',
  'csv/server: drop@7+0.5 shut@9+0.3',
  'copy/server: cut@4+0.5 int@11+0.4',
  'csv/server: mute@3+0.5 back@6+0.5 nest@8+0.2',
  'csv/embedded: crash@2+0.5 kill@8+0.5 int@5+0.5',
])(
  '%s',
  async (text) => {
    const result = await runCampaign(world, {
      seed: 0,
      plans: [parsePlan(text)],
      logger: stepContext().logger,
    });
    expect(faults(result)).toEqual([]);
  },
  120_000,
);
