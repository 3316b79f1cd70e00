import { getNamedType } from 'graphql';
import { type Caller, succeeded, type Tenant } from './caller';
import { argumentsFor, type Place, placesOf } from './input-places';
import { alike, type Masked, masked, parting, without } from './mask-answer';
import { type Answer } from './party';
import { type Notes } from './proof';
import { type RootField } from './published-schema';
import { type Subscriber } from './subscriber';

/** How often a difference has to come again until it is one. */
const ROUNDS = 3;
/** Values of other kinds that are tried where the right kind is known. */
const OTHERS = 4;
/** How long a subscription is listened to that does not refuse. */
const WAIT_MS = 1_000;

export interface Trial {
  readonly caller: Caller;
  /** Whose values are used. */
  readonly owner: Tenant;
  /** Who uses them. */
  readonly stranger: Tenant;
  /** The stranger's connection for subscriptions. */
  readonly subscriber: Subscriber;
  /** Values of the owner's that the stranger gave to things of its own: they come back, and tell nothing. */
  readonly stored: Set<string>;
}

/** A value of the owner's, and whether it is of the kind that the place is for. */
interface Candidate {
  readonly value: string;
  readonly fits: boolean;
}

/** Asks a field as the stranger: once with nothing foreign, then with each of the owner's values at each place. */
export async function tryOperation(trial: Trial, root: RootField, notes: Notes): Promise<void> {
  const attempt = new Attempt(trial, root, notes);
  await attempt.ask(null, '');
  for (const place of placesOf(root.field.args)) await attempt.at(place);
}

class Attempt {
  constructor(
    private readonly trial: Trial,
    private readonly root: RootField,
    private readonly notes: Notes,
  ) {}

  async at(place: Place): Promise<void> {
    const { owner, stranger } = this.trial;
    // Ids that follow from the content are the stranger's as well.
    const candidates = candidatesFor(owner, this.root, place).filter(
      ({ value }) => !stranger.known.holds(value),
    );
    if (candidates.length === 0) return;
    this.notes.places.add(place.path.join('.'));
    const controls = new Map<string, Outcome>();
    for (const { value, fits } of candidates) {
      const form = value.replace(/[0-9a-f]/gi, 'x');
      const control = controls.get(form) ?? (await this.ask(place, alike(value)));
      controls.set(form, control);
      // Where a value that nobody has is as good as any other, it names nothing: a few do.
      if (control.accepted && !fits) continue;
      const { answer } = await this.ask(place, value);
      if (answer.exact !== control.answer.exact) await this.confirm(place, value);
    }
  }

  /** One request, looked through for what is not the stranger's. */
  async ask(place: Place | null, value: string): Promise<Outcome> {
    const { caller, stranger, subscriber, stored } = this.trial;
    const placed = place && { place, value };
    const args = argumentsFor(this.root.field.args, stranger.known, placed);
    const request = { root: this.root, args };
    const answer =
      this.root.operation === 'subscription'
        ? await caller.callBy(stranger.known, request, (text) => subscriber.first(text, args, WAIT_MS))
        : await caller.call(stranger, request);
    this.notes.requests += 1;
    const accepted = succeeded(answer);
    if (accepted) this.notes.answered += 1;
    this.look(answer, place, value);
    if (accepted && place && this.root.operation === 'mutation') stored.add(value);
    return { answer: masked(answer, value), accepted };
  }

  /**
   * Whether a value is answered otherwise than others of its form, time and again. The others are new each time, and asked as
   * often as the value was: what the stranger did before makes no difference. Answers are compared as finely as those of one side
   * are alike.
   */
  private async confirm(place: Place, value: string): Promise<void> {
    const [answers, controls]: [Masked[], Masked[]] = [[], []];
    for (let asked = 1; asked <= ROUNDS; asked++) {
      const other = alike(value);
      let control = await this.ask(place, other);
      for (let time = 0; time < asked; time++) control = await this.ask(place, other);
      const { answer } = await this.ask(place, value);
      if (answer.exact === control.answer.exact) return;
      answers.push(answer);
      controls.push(control.answer);
    }
    for (const grain of ['exact', 'countless', 'form'] as const) {
      const [one, ...more] = new Set(answers.map((each) => each[grain]));
      const [other, ...others] = new Set(controls.map((each) => each[grain]));
      if (one === undefined || other === undefined || more.length + others.length > 0) continue;
      if (one !== other) this.notes.find('ORACLE', place.path.join('.'), parting(one, other));
      return;
    }
  }

  private look(answer: Answer, place: Place | null, value: string): void {
    const { owner, stranger, stored } = this.trial;
    const text = [...stored, value].reduce(without, answer.text);
    const found = owner.known.found(text, stranger.known);
    if (found.length > 0) this.notes.find('LEAK', place?.path.join('.') ?? '', found.slice(0, 3).join(', '));
  }
}

interface Outcome {
  readonly answer: Masked;
  readonly accepted: boolean;
}

/** What of the owner's can stand at a place: ids and cursors; a name where any text can. */
function candidatesFor({ known }: Tenant, root: RootField, place: Place): Candidate[] {
  const name = place.path.at(-1) ?? '';
  const type = getNamedType(root.field.type).name;
  if (place.type === 'ID') {
    const types = /^ids?$/.test(name) ? [type] : known.typesOf(name, place.description);
    return some(known.ids, types);
  }
  if (/^(after|before|cursor)$/i.test(name))
    return some(known.cursors, [type, type.replace(/Connection$/, 'Edge')]);
  return [{ value: /url$/i.test(name) ? `https://${known.name}.example.com/` : known.name, fits: true }];
}

/** Values of the kinds that fit, and a few of others; where no kind is known to fit, of all. */
function some(values: ReadonlyMap<string, ReadonlySet<string>>, fitting: readonly string[]): Candidate[] {
  const fit = [...values].filter(([kind]) => fitting.includes(kind));
  const others = [...values].filter(([kind]) => !fitting.includes(kind));
  const candidates = [
    ...fit.flatMap(([, each]) => [...each].slice(-2).map((value) => ({ value, fits: true }))),
    ...others
      .slice(fit.length > 0 ? -OTHERS : 0)
      .flatMap(([, each]) => [...each].slice(-1).map((value) => ({ value, fits: false }))),
  ];
  const seen = new Set<string>();
  return candidates.filter(({ value }) => !seen.has(value) && seen.add(value));
}
