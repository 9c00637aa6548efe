/** Options of functions: what is wrong with them is one sentence that names the option. */
import {
  checkOptions,
  either,
  listOf,
  oneOf,
  option,
  required,
  UsageError,
  type OptionKinds,
} from '@wxyc/step';

interface Options {
  inputs: string[];
  mode?: 'all' | 'base' | undefined;
  scoreCutoff?: number | undefined;
  jobs?: number | undefined;
  coverage?: string | boolean | undefined;
  matchedOnly?: boolean | undefined;
  lock?: object | undefined;
}

const kinds: OptionKinds<Options> = {
  inputs: required(listOf(option.text)),
  mode: oneOf('all', 'base'),
  scoreCutoff: option.share,
  jobs: option.count,
  coverage: either(option.text, option.flag),
  matchedOnly: option.flag,
  lock: option.object,
};
const given = (options: unknown): void => checkOptions('work', options as Options, kinds);

test.each<[string, object]>([
  ['what is needed alone', { inputs: ['a'] }],
  ['undefined as not given', { inputs: ['a'], mode: undefined, scoreCutoff: undefined }],
  [
    'everything',
    {
      inputs: ['a', 'b'],
      mode: 'base',
      scoreCutoff: 0,
      jobs: 1,
      coverage: true,
      matchedOnly: false,
      lock: {},
    },
  ],
])('%s is fine', (_what, options) => {
  expect(() => given(options)).not.toThrow();
});

test.each<[unknown, string]>([
  [undefined, 'work takes an object of options, but was given of type undefined'],
  [{}, 'work needs the option inputs: a non-empty list, each entry a non-empty string'],
  [
    { inputs: 'a.xml' },
    'work: the option inputs must be a non-empty list, each entry a non-empty string, but is a string',
  ],
  [
    { inputs: [] },
    'work: the option inputs must be a non-empty list, each entry a non-empty string, but is an empty list',
  ],
  [
    { inputs: ['a'], scoreCutoff: NaN },
    'work: the option scoreCutoff must be a number from 0 to 1, but is NaN',
  ],
  [
    { inputs: ['a'], scoreCutoff: 75 },
    'work: the option scoreCutoff must be a number from 0 to 1, but is 75',
  ],
  [
    { inputs: ['a'], scoreCutoff: '0.9' },
    'work: the option scoreCutoff must be a number from 0 to 1, but is a string',
  ],
  [
    { inputs: ['a'], jobs: 0 },
    'work: the option jobs must be a whole number of at least 1, but is 0',
  ],
  [
    { inputs: ['a'], mode: 'basis' },
    'work: the option mode must be "all" or "base", but is a string',
  ],
  [
    { inputs: ['a'], coverage: '' },
    'work: the option coverage must be a non-empty string, or true or false, but is empty',
  ],
  [
    { inputs: ['a'], matchedonly: true },
    'work has no option matchedonly; did you mean matchedOnly?',
  ],
  [
    { inputs: ['a'], limit: 1 },
    'work has no option limit; it has inputs, mode, scoreCutoff, jobs, coverage, matchedOnly, lock',
  ],
])('%j: %s', (options, message) => {
  expect(() => given(options)).toThrow(new UsageError(message));
});

test('a value that may be a secret is not shown', () => {
  expect(() =>
    checkOptions('work', { token: 's3cret' as unknown as number }, { token: option.share }),
  ).toThrow(expect.not.objectContaining({ message: expect.stringContaining('s3cret') }));
});
