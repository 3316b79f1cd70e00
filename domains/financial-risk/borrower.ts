import { DAY, HOUR, type LoggedEvent, type Random, SECOND, round, sigmoid } from '../../src/domain-kit';
import { type Employment, type Housing, type Movement, type Review, defaultLogit } from './propensity';

const MONTH = 30 * DAY;
const MONTHS_BEFORE_FIRST_REVIEW = 4;
const MONTHS_BETWEEN_REVIEWS = 3;
const EMPLOYMENTS = ['salaried', 'self_employed', 'contract', 'retired', 'unemployed'] as const;
const HOUSINGS = ['own', 'mortgage', 'rent'] as const;

export interface World {
  readonly beginsAt: number;
  readonly endsAt: number;
  /** Events of the past that the odds of a default depend on. */
  readonly memory: number;
}

/** Latent, but for what the lender asks. */
interface Traits {
  readonly opensAt: number;
  readonly creditLimit: number;
  readonly income: number;
  readonly debtToIncome: number;
  readonly housing: Housing;
  /** Around 0; high pays much and on time. */
  readonly discipline: number;
  /** Around 0; high uses more of the limit. */
  readonly appetite: number;
}

function draw(random: Random, world: World): Traits {
  const income = round(random.logNormal(42_000, 0.5), 0);
  const discipline = random.normal();
  return {
    opensAt: world.beginsAt + random.between(0, 0.9) * (world.endsAt - world.beginsAt),
    creditLimit: 100 * Math.round(income * random.logNormal(0.0011, 0.35)),
    income,
    debtToIncome: round(Math.min(0.95, random.logNormal(0.27, 0.5)), 3),
    housing: HOUSINGS[random.weighted([0.25, 0.35, 0.4])] ?? 'rent',
    discipline,
    appetite: random.normal() - 0.3 * discipline,
  };
}

/** How things stand in one month. Trouble comes and goes slowly: what was bad last month is still bad in this one. */
interface Fortune {
  trouble: number;
  employment: Employment;
}

/** One card account, from its opening until it defaults or the log ends. */
export function* borrow(random: Random, world: World): Generator<LoggedEvent> {
  const traits = draw(random, world);
  const past: Movement[] = [];
  const remember = (movement: Movement): LoggedEvent => {
    past.push(movement);
    if (past.length > world.memory) past.shift();
    return { at: movement.at, kind: movement.kind, cells: cellsOf(movement) };
  };
  const fortune: Fortune = {
    trouble: random.normal(),
    employment: EMPLOYMENTS[random.weighted([0.6, 0.14, 0.12, 0.08, 0.06])] ?? 'salaried',
  };
  // Once a default is certain nothing is paid any more; otherwise one of the quarter's months is.
  let doomed = false;
  let paidThisQuarter = true;
  for (let month = 1; ; month++) {
    const at = traits.opensAt + month * MONTH + random.below(20 * 3600) * SECOND;
    if (at + MONTH >= world.endsAt) return;
    live(fortune, random);
    const statement = state(at, traits, fortune, random);
    yield remember(statement);
    const reviewMonth =
      month >= MONTHS_BEFORE_FIRST_REVIEW &&
      (month - MONTHS_BEFORE_FIRST_REVIEW) % MONTHS_BETWEEN_REVIEWS === 0;
    const payment = doomed ? null : pay(at, traits, fortune, random);
    if (payment ?? (reviewMonth && !paidThisQuarter && !doomed)) {
      yield remember(payment ?? { at: at + 26 * DAY, kind: 'payment', paymentRatio: 0.03, daysLate: 8 });
      paidThisQuarter = true;
    }
    if (!reviewMonth) continue;
    if (doomed) return;
    const review = ask(at + 27 * DAY, { traits, fortune, month }, random);
    const truth = sigmoid(defaultLogit(review, past));
    doomed = random.chance(truth);
    paidThisQuarter = false;
    remember({ at: review.at, kind: 'review' });
    yield {
      at: review.at,
      kind: 'review',
      cells: {
        income: review.income,
        debt_to_income: review.debtToIncome,
        employment: review.employment,
        housing: review.housing,
        account_age_months: review.accountAgeMonths,
        inquiries: review.inquiries,
        defaulted: doomed,
      },
      truth,
    };
  }
}

function live(fortune: Fortune, random: Random): void {
  fortune.trouble = 0.85 * fortune.trouble + 0.53 * random.normal();
  if (fortune.employment === 'unemployed') {
    if (random.chance(0.15)) fortune.employment = 'salaried';
  } else if (fortune.employment !== 'retired' && random.chance(0.008 * Math.exp(0.6 * fortune.trouble))) {
    fortune.employment = 'unemployed';
    fortune.trouble += 1;
  }
}

function state(at: number, traits: Traits, { trouble }: Fortune, random: Random): Movement {
  // December and January are dear.
  const season = [11, 0].includes(new Date(at).getUTCMonth()) ? 0.35 : 0;
  const share = sigmoid(-0.6 + 0.9 * traits.appetite + 0.7 * trouble + season + 0.35 * random.normal());
  const utilization = round(share * 1.05, 3);
  return { at, kind: 'statement', utilization, balance: round(utilization * traits.creditLimit, 2) };
}

/** Due 18 days after the statement and, when it comes at all, in time for the month's review. */
function pay(at: number, traits: Traits, { trouble }: Fortune, random: Random): Movement | null {
  const grip = 0.8 * traits.discipline - 0.9 * trouble;
  if (random.chance(sigmoid(-3.1 - 1.1 * grip))) return null;
  const late = random.chance(sigmoid(-1.6 - 0.9 * grip));
  const daysLate = late ? Math.min(8, 1 + Math.floor(random.exponential(3))) : 0;
  const paymentRatio = round(Math.max(0.02, sigmoid(-0.2 + grip + 0.5 * random.normal())), 3);
  return {
    at: at + (18 + daysLate) * DAY + random.below(3 * 3600) * SECOND,
    kind: 'payment',
    paymentRatio,
    daysLate,
  };
}

interface Borrower {
  readonly traits: Traits;
  readonly fortune: Fortune;
  readonly month: number;
}

function ask(at: number, { traits, fortune, month }: Borrower, random: Random): Review {
  return {
    at: at - (at % DAY) + 9 * HOUR,
    income: round(traits.income * (fortune.employment === 'unemployed' ? 0.45 : 1), 0),
    debtToIncome: round(
      Math.min(0.99, traits.debtToIncome * (fortune.employment === 'unemployed' ? 1.5 : 1)),
      3,
    ),
    employment: fortune.employment,
    housing: traits.housing,
    accountAgeMonths: month,
    inquiries: Math.floor(random.exponential(0.8 * Math.exp(0.45 * fortune.trouble))),
  };
}

function cellsOf(movement: Movement): Record<string, number> {
  switch (movement.kind) {
    case 'statement':
      return { balance: movement.balance, utilization: movement.utilization };
    case 'payment':
      return { payment_ratio: movement.paymentRatio, days_late: movement.daysLate };
    case 'review':
      return {};
  }
}
