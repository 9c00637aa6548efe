import fc from 'fast-check';
import { IdSet } from '@wxyc/csv';

test('an IdSet holds what a Set would', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(10_000), fc.nat({ max: 2 ** 40 }))),
      fc.array(fc.nat(10_000)),
      (added, removed) => {
        const set = new IdSet();
        const model = new Set<number>();
        for (const id of added) {
          expect(set.add(id)).toBe(!model.has(id));
          model.add(id);
        }
        for (const id of removed) {
          set.delete(id);
          model.delete(id);
        }
        expect(set.size).toBe(model.size);
        for (const id of [...added, ...removed, 5]) expect(set.has(id)).toBe(model.has(id));
        expect(set.has(-1)).toBe(false);
        const copy = IdSet.of(set.pack());
        expect([copy.size, ...[...added, ...removed].map((id) => copy.has(id))]).toEqual([
          set.size,
          ...[...added, ...removed].map((id) => set.has(id)),
        ]);
      },
    ),
  );
});
