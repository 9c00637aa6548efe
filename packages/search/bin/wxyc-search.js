#!/usr/bin/env node
import { main } from '@wxyc/cli';
import { program } from '../dist/cli.js';

await main(program);
