// Starts the programs under test: simulated providers, and the gateway in front of them.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

// How long anything may take that should take no time at all, in milliseconds.
export const PATIENCE = 30_000;

/**
 * Starts the simulated providers, each told what to do as tests/src/bin/sim_server has it.
 *
 * Returns their URLs by name, `ask` for one command to them, and `close`.
 */
export async function startSims(sims) {
  const child = spawn(process.env.SIM_SERVER_BIN, [JSON.stringify(sims)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('sim_server has ended, see its complaint above');
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  };
  const { sims: urls } = await read();
  const ask = (command) => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    return read();
  };
  const close = async () => {
    child.stdin.end();
    await ended;
  };
  return { urls, ask, close };
}

/**
 * Starts the gateway with this configuration, and waits until it is ready.
 *
 * `others` are URLs that it may print, but that are not its own. Returns its URL, `log` for what it
 * has printed, and `close`.
 */
export async function startGateway(config, others) {
  const home = await mkdtemp(join(tmpdir(), 'steeplechase-'));
  const file = join(home, 'config.yaml');
  await writeFile(file, config);
  const args = ['--config', file, '--host', '127.0.0.1', '--port', '0'];
  const child = spawn(process.env.STEEPLECHASE_BIN, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const printed = [];
  const close = async () => {
    child.kill();
    await ended;
    await rm(home, { recursive: true });
  };
  const log = () => printed.join('\n');
  try {
    const url = await address(child, ended, printed, others);
    await untilReady(url, child);
    return { url, log, close };
  } catch (error) {
    await close();
    throw new Error(`${error.message}\n${log()}`, { cause: error });
  }
}

function address(child, ended, printed, others) {
  return new Promise((resolve, reject) => {
    const look = (line) => {
      printed.push(line);
      const urls = line.match(/http:\/\/127\.0\.0\.1:[1-9][0-9]*/g) ?? [];
      const own = urls.find((url) => !others.includes(url));
      if (own) resolve(own);
    };
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', look);
    const silent = () => reject(new Error('the gateway did not say where it listens'));
    child.once('error', reject);
    ended.then(silent);
    setTimeout(silent, PATIENCE).unref();
  });
}

async function untilReady(url, child) {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const answer = await fetch(`${url}/health/readiness`).catch((error) => error);
    if (answer.ok) return;
    const reason = answer.status ?? answer;
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`the gateway is not ready: ${reason}`);
    }
    await pause(20);
  }
}
