// A run of a bin takes seconds; on a busy machine many. Jest does not hand `testTimeout` down to projects.
import { jest } from '@jest/globals';

jest.setTimeout(120_000);
