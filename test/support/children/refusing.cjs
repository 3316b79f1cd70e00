// Ends before it is ready, with one line that says why.
console.error('port 4000 is in use: set PORT to another one');
process.exit(1);
