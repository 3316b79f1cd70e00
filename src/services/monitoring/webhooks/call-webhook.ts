import { messageOf } from '../../../errors';
import { type OutboundOptions, requestOutbound } from '../../../platform/network/outbound-request';

export interface WebhookCall {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type CallOptions = Omit<OutboundOptions, 'maxBytes'>;

/** What a call came to. It was taken when there is no error. */
export interface CallOutcome {
  readonly status: number | null;
  readonly error: string | null;
}

/** Posts once. Redirects are not followed and the answer's body is not read. */
export async function callWebhook(call: WebhookCall, options: CallOptions): Promise<CallOutcome> {
  try {
    const { status } = await requestOutbound({ ...call, method: 'POST' }, options);
    if (status >= 200 && status < 300) return { status, error: null };
    const redirected = status >= 300 && status < 400 ? '; redirects are not followed' : '';
    return { status, error: `it answered ${status}${redirected}` };
  } catch (error) {
    return { status: null, error: messageOf(error) };
  }
}
