/** Stands in for what computes cases on a device: some go wrong as drivers do. */
process.once('message', async ({ names }) => {
  const tell = (message) => new Promise((resolve) => process.send(message, resolve));
  if (names.includes('no device')) {
    process.stderr.write('there is no device\n');
    process.exit(1);
  }
  for (const name of names) {
    await tell({ begun: name });
    if (name === 'crash') process.abort();
    if (name === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
    await tell({ ended: { name, seconds: 0.1, error: 1e-7, failure: null } });
  }
  process.disconnect();
});
