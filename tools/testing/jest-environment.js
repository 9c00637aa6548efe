// Where tests run: see jest-native.js.
import { TestEnvironment } from 'jest-environment-node';

export default class NativeModules extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const { process } = this.global;
    // Jest gives each test file a copy, which modules outside would not see.
    process.env = globalThis.process.env;
    // What such modules return compares equal only to what is made by the same classes.
    Object.assign(this.global, { Error, TypeError, RangeError, Map, Set, Date });
    this.global.importNatively = (name) => import(name);
  }
}
