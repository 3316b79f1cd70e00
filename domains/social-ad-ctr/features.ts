import { type FeatureSpecInput } from '../../src/learning/features/feature-spec';

/** A network's event log: one row per event of a member; an `impression` row is the moment of prediction. */
export const featureSpec: FeatureSpecInput = {
  shape: 'EVENTS',
  idColumn: 'event_id',
  subjectColumn: 'user_id',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['impression'],
  // The click is joined back to its impression, as ad servers do.
  label: { column: 'clicked', positive: ['true'] },
  // Known when the ad is about to be shown: columns of the `impression` row.
  features: [
    // What is advertised.
    { type: 'categorical', name: 'category', maxVocabulary: 200 },
    // image, video, carousel, story.
    { type: 'categorical', name: 'format', maxVocabulary: 16 },
    // feed, stories, reels, sidebar.
    { type: 'categorical', name: 'placement', maxVocabulary: 16 },
    { type: 'categorical', name: 'advertiser', maxVocabulary: 5000 },
    // How many times this member was shown this ad within the last seven days.
    { type: 'numeric', name: 'frequency', transform: 'log1p' },
    // Why this member: retargeting, interest, lookalike, broad.
    { type: 'categorical', name: 'targeting', maxVocabulary: 16 },
    // mobile, desktop, tablet.
    { type: 'categorical', name: 'device', maxVocabulary: 16 },
    // 18-24, 25-34, 35-49, 50+.
    { type: 'categorical', name: 'ageBand', column: 'age_band', maxVocabulary: 16 },
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
    { type: 'cyclic', name: 'weekday', part: 'dayOfWeek' },
  ],
  // What the member saw and did before, oldest first.
  sequence: {
    maxLength: 12,
    fields: [
      // impression, like, share, hide.
      { type: 'categorical', name: 'kind', maxVocabulary: 16 },
      // Of the ad, or of the post that was liked, shared or hidden.
      { type: 'categorical', name: 'category', maxVocabulary: 200 },
      { type: 'categorical', name: 'format', maxVocabulary: 16 },
      // Whether that impression was clicked: true, false; empty for other kinds.
      { type: 'categorical', name: 'clicked', maxVocabulary: 4 },
      // How long it stayed on the screen.
      { type: 'numeric', name: 'dwellSeconds', column: 'dwell_seconds', transform: 'log1p' },
      // From the event to this impression.
      { type: 'elapsed', name: 'elapsed' },
    ],
  },
};
