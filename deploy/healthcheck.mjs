// Ends with 0 when the service on this machine answers: the health check of the image, for which it needs no other program.
const { PORT, TLS_CERT_FILE } = process.env;
// The certificate is made out to the name that browsers use, and this is a look at one's own process.
if (TLS_CERT_FILE) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
const address = `${TLS_CERT_FILE ? 'https' : 'http'}://127.0.0.1:${PORT || 3000}/health/live`;
const answer = await fetch(address, { signal: AbortSignal.timeout(2_500) });
if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
