// Preloaded into our side of the benchmark: writes at the end how long the main thread has been on a CPU, in seconds.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const [onCpu] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  writeFileSync(process.env.PAGEWALK_MAIN_THREAD, String(Number(onCpu) / 1e9));
});
