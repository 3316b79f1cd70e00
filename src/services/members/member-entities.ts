import { IdentityProvider } from './identity-provider.entity';
import { Member } from './member.entity';
import { MemberInvitation } from './member-invitation.entity';

/** The tables of people. */
export const MEMBER_ENTITIES = [IdentityProvider, Member, MemberInvitation];
