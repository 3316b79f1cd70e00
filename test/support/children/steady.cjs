// Announces itself and lives until it is told to end or its parent is gone.
console.log(JSON.stringify({ ready: true, url: `pid:${process.pid}` }));
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
setInterval(() => {}, 60_000);
