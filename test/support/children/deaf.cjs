// Ignores every polite request to end.
process.on('SIGTERM', () => {});
console.log(JSON.stringify({ ready: true }));
setInterval(() => {}, 60_000);
