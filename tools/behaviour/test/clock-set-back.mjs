// Preloaded into a bin: a wall clock that is set back by an hour ten times a second. Code that measures time by it gets nowhere.
const begun = performance.now();
const RealDate = Date;
const setBack = () =>
  RealDate.UTC(2026, 9, 1) - Math.floor((performance.now() - begun) / 100) * 3_600_000;

globalThis.Date = class extends RealDate {
  constructor(...words) {
    super(...(words.length === 0 ? [setBack()] : words));
  }
  static now() {
    return setBack();
  }
};
