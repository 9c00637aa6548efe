import { endAll } from './environment.js';

export default (): Promise<void> => endAll('pg');
