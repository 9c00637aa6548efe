// Where tests run: see jest-native.js.
import { TestEnvironment } from 'jest-environment-node';

export default class NativeModules extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const { process } = this.global;
    // Jest gives each test file a copy, which modules outside would not see. What the file changes is taken back at its end.
    this.variables = { ...globalThis.process.env };
    process.env = globalThis.process.env;
    // What such modules return compares equal only to what is made by the same classes.
    Object.assign(this.global, { Error, TypeError, RangeError, Map, Set, Date });
    this.global.importNatively = (name) => import(name);
  }

  async teardown() {
    const { env } = globalThis.process;
    for (const name of Object.keys(env)) if (!(name in this.variables)) delete env[name];
    Object.assign(env, this.variables);
    await super.teardown();
  }
}
