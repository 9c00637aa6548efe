// The tests that need a MySQL server: `npm run test:mysql`.
import config, { project } from './jest.config.js';

export default { ...config, projects: [project('mysql', String.raw`/test/.*\.mysql\.test\.ts$`)] };
