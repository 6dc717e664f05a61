// heap.js MODE: a Node server in small, whose memory is known. It prints "ready" when its memory stands, and stays.
const requests = new Map();
let count = 0;

/** As many small objects as fill so many mebibytes, each with a string of its own. */
const remember = mebibytes => {
  for (let end = count + mebibytes * 4096; count < end; count += 1) {
    requests.set(count, {id: count, body: Buffer.alloc(128, count % 256).toString('latin1')});
  }
};

const mode = process.argv[2];
remember(mode === 'leaking' ? 80 : 32);
if (mode === 'leaking') setInterval(() => remember(0.25), 100); // every request is remembered
if (mode === 'serving') {
  // every request makes garbage
  setInterval(() => JSON.parse(JSON.stringify([...requests.values()].slice(0, 500))), 50);
}
setInterval(() => {}, 1 << 30);
console.log('ready');
