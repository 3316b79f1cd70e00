import { z } from 'zod';

export const CAP_SCOPES = ['AD', 'CAMPAIGN'] as const;
export const EXPLORATIONS = ['THOMPSON', 'NONE'] as const;

/** Longest window of a cap, in hours, and of the rates that exploration learns from, in days. */
export const MAX_CAP_HOURS = 720;
export const MAX_RATE_DAYS = 90;

/** How a tenant's ads are ranked. */
export const adPolicySchema = z.strictObject({
  /** Ads whose eCPM is lower are not shown; in the currency of the bids. */
  floorEcpm: z.number().min(0).max(1e9).default(0),
  /** A member sees an ad, or ads of a campaign, at most so many times within so many hours. */
  frequencyCaps: z
    .array(
      z.strictObject({
        of: z.enum(CAP_SCOPES),
        impressions: z.int().min(1).max(1000),
        hours: z.int().min(1).max(MAX_CAP_HOURS),
      }),
    )
    .max(10)
    .superRefine((caps, context) => {
      for (const [index, { of, hours }] of caps.entries())
        if (caps.findIndex((cap) => cap.of === of && cap.hours === hours) < index)
          context.addIssue({
            code: 'custom',
            path: [index],
            message: `caps the same within the same ${hours} h as an entry before`,
          });
    })
    .default([
      { of: 'AD', impressions: 4, hours: 24 },
      { of: 'CAMPAIGN', impressions: 10, hours: 24 },
    ]),
  pacing: z
    .strictObject({
      /** The exponent of what is left of the budget over what is left of the time; 0 does not pace. */
      strength: z.number().min(0).max(10).default(4),
      /** The lowest factor. */
      least: z.number().min(0).max(1).default(0.05),
    })
    .prefault({}),
  /** Whether the CTR is corrected by placement, where a correction of the model is offered. */
  correctPlacements: z.boolean().default(false),
  exploration: z
    .strictObject({
      method: z.enum(EXPLORATIONS).default('THOMPSON'),
      /** What the model's answer weighs, in impressions; null leaves it to the version's held-out predictions. */
      priorImpressions: z.number().min(1).max(1e6).nullable().default(null),
      /** How far back impressions and clicks count. */
      days: z.int().min(1).max(MAX_RATE_DAYS).default(30),
    })
    .prefault({}),
});

export type AdPolicy = z.infer<typeof adPolicySchema>;
export type FrequencyCap = AdPolicy['frequencyCaps'][number];
