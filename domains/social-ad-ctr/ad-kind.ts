/** The domain's name in the API and the database. */
export const AD_KIND = 'SOCIAL_AD_CTR';
