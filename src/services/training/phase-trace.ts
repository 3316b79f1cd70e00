import { type Span, startSpan } from '../../platform/telemetry/tracing';
import { type RunPhase } from './run-state';

/** What a job's trace shows of an execution: its phases, one after the other. */
export class PhaseTrace {
  #phase: Span | null = null;

  /** @param execution the worker's span of it; null where that is not traced */
  constructor(private readonly execution: Span | null) {}

  enter(phase: RunPhase): void {
    if (this.execution === null) return;
    this.#phase?.end();
    this.#phase = startSpan(phase.toLowerCase(), { parent: this.execution });
  }

  /** @param code why the execution came to nothing; null when it ended well */
  end(code: string | null): void {
    if (code !== null) this.#phase?.fail(code);
    this.#phase?.end();
    this.#phase = null;
  }
}
