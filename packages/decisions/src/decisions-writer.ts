/** The decisions file: a CSV row for each release, under its name only when it is whole. */

import { encodeRow, PartialFile } from '@wxyc/csv';
import { decisionColumns, decisionsKind, decisionValues, type Decided } from '@wxyc/matching';

export class DecisionsWriter {
  private constructor(private readonly file: PartialFile) {}

  static async create(path: string): Promise<DecisionsWriter> {
    const file = await PartialFile.create(path, decisionsKind);
    await file.write(Buffer.from(encodeRow(decisionColumns)));
    return new DecisionsWriter(file);
  }

  async write(batch: readonly Decided[]): Promise<void> {
    await this.file.write(Buffer.from(batch.map(({ id, decision }) => encodeRow(decisionValues(id, decision))).join('')));
  }

  async finish(): Promise<void> {
    await this.file.finish();
  }

  async discard(): Promise<void> {
    await this.file.discard();
  }
}
