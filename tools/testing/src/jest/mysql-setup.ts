import { makeRunFolder } from '../folders.js';
import { startMysql } from '../mysql.js';
import { endAll, onEnd } from './environment.js';

export default async function setup(): Promise<void> {
  onEnd('mysql', makeRunFolder());
  try {
    onEnd('mysql', await startMysql());
  } catch (error) {
    await endAll('mysql');
    throw error;
  }
}
