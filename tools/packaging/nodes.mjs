// Another Node, from npm, and the native addon of better-sqlite3 for it: what `nodes.mjs FOLDER MAJOR` leaves in the folder.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { npmInstall } from './install.mjs';

/** The versions that the packages promise to work on. */
export const supportedNodes = [20, 22, 24];

/** Where better-sqlite3 has its native addon. */
export const addon = 'build/Release/better_sqlite3.node';

const root = fileURLToPath(new URL('../../', import.meta.url));
const thisMajor = Number(process.versions.node.split('.')[0]);
const home = (folder) => join(folder, `node_modules/node-${process.platform}-${process.arch}`);

/** This Node, whose addon is in the repository's node_modules. */
export const thisNode = {
  major: thisMajor,
  path: process.execPath,
  addon: join(root, 'node_modules/better-sqlite3', addon),
};

/**
 * Starts fetching the other supported Nodes, each in its own process, since compiling the addon takes a while where no prebuilt one
 * exists. Await it for the list.
 */
export function fetchOtherNodes(folder) {
  return Promise.all(
    supportedNodes
      .filter((major) => major !== thisMajor)
      .map(async (major) => {
        const own = join(folder, `node-${major}`);
        mkdirSync(own, { recursive: true });
        const child = spawn(process.execPath, [fileURLToPath(import.meta.url), own, major], {
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
        const code = await new Promise((settle) => child.once('close', settle));
        if (code !== 0) throw new Error(`Node ${major} cannot be had from npm: ${stderr}`);
        return {
          major,
          path: join(home(own), 'bin/node'),
          addon: join(own, 'node_modules/better-sqlite3', addon),
        };
      }),
  );
}

function fetchNode(folder, major) {
  const { version } = JSON.parse(
    readFileSync(join(root, 'node_modules/better-sqlite3/package.json'), 'utf8'),
  );
  const dependencies = {
    [`node-${process.platform}-${process.arch}`]: major,
    'better-sqlite3': version,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  npmInstall(folder, '--prefer-offline');
  // A prebuilt addon is used where it can be downloaded. Otherwise it is compiled with the headers that came with this Node, and without
  // optimizing, which takes a third of the time.
  execFileSync('npm', ['rebuild', 'better-sqlite3', '--ignore-scripts=false', '--loglevel=error'], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${join(home(folder), 'bin')}:${process.env.PATH}`,
      npm_config_nodedir: home(folder),
      CFLAGS: '-O0',
      CXXFLAGS: '-O0',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  fetchNode(process.argv[2], process.argv[3]);
