/**
 * Options of Node.js for an API process. A batch of predictions makes many short-lived objects that live until it is answered; in
 * the default young generation (16 MiB a half) most are copied before they die. One of 64 MiB costs up to 144 MiB of memory more.
 */
export const API_NODE_OPTIONS: readonly string[] = ['--max-semi-space-size=64'];
