import { type Interruption, MAX_CRASHES, type Settlement } from '../../training/run-state';
import { type Said } from './log-line';

/** What is said of an execution that ended before its job did. */
export function settled(interruption: Interruption, settlement: Settlement): Said {
  if (settlement.state === 'CANCELLED') return { level: 'INFO', message: 'Cancelled.' };
  if (interruption.kind === 'drained')
    return {
      level: 'INFO',
      message: 'Its worker was asked to end: it waits for another, which goes on with it.',
    };
  const lost = `The process that executed it ${interruption.detail}.`;
  return settlement.state === 'FAILED'
    ? { level: 'ERROR', message: `${lost} It is given up: that happened ${MAX_CRASHES} times.` }
    : {
        level: 'WARNING',
        message: `${lost} That happened ${settlement.crashes} of at most ${MAX_CRASHES} times: it waits to be taken up again.`,
      };
}
