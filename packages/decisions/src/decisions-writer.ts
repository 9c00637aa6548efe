/** The decisions file: a CSV row for each release that a rule scored, under its name only when it is whole. */

import { encodeRow, PartialFile } from '@wxyc/csv';
import { decisionColumns, decisionsKind, decisionValues, type Decision } from '@wxyc/matching';

export class DecisionsWriter {
  private rows: string[] = [];

  private constructor(private readonly file: PartialFile) {}

  static async create(path: string): Promise<DecisionsWriter> {
    const file = await PartialFile.create(path, decisionsKind);
    await file.write(Buffer.from(encodeRow(decisionColumns)));
    return new DecisionsWriter(file);
  }

  /** Takes a row, to be written by the next {@link flush}. */
  add(id: number, decision: Decision): void {
    this.rows.push(encodeRow(decisionValues(id, decision)));
  }

  async flush(): Promise<void> {
    if (this.rows.length === 0) return;
    const text = this.rows.join('');
    this.rows = [];
    await this.file.write(Buffer.from(text));
  }

  async finish(): Promise<void> {
    await this.flush();
    await this.file.finish();
  }

  async discard(): Promise<void> {
    await this.file.discard();
  }
}
