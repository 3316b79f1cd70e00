import 'reflect-metadata';
import { graphql, printSchema } from 'graphql';
import { Authorized, buildSchemaSync, Field, InputType, Int, Query, Resolver } from 'type-graphql';
import { GivenArg } from './given-argument';

@InputType()
class Part {
  @Field(() => Int)
  readonly size!: number;
}

@InputType()
class Whole {
  @Field(() => [Part], { nullable: true })
  readonly parts?: readonly Part[] | null;

  @Field(() => Date, { nullable: true })
  readonly at?: Date | null;
}

const seen: unknown[] = [];

@Resolver()
class WholeResolver {
  @Authorized()
  @Query(() => Boolean)
  look(
    @GivenArg('first', () => Whole, { description: 'The first.' }) first: Whole,
    @GivenArg('others', () => [Whole], { nullable: true }) others: readonly Whole[] | null,
  ): boolean {
    seen.push([first, others]);
    return true;
  }
}

const build = (allowed: boolean) =>
  buildSchemaSync({ resolvers: [WholeResolver], authChecker: () => allowed, validate: false });

describe('GivenArg', () => {
  beforeEach(() => seen.splice(0));

  it('declares an argument as Arg does', () => {
    const text = printSchema(build(true));
    expect(text).toContain('"""The first."""\n    first: Whole!');
    expect(text).toContain('others: [Whole!]');
  });

  it('hands over what GraphQL read, as it is', async () => {
    const source =
      '{ look(first: { parts: [{ size: 1 }], at: "2025-03-21T19:40:00Z" }, others: [{ parts: null }]) }';
    expect(await graphql({ schema: build(true), source })).toEqual({ data: { look: true } });
    expect(seen).toEqual([
      [{ parts: [{ size: 1 }], at: new Date('2025-03-21T19:40:00Z') }, [{ parts: null }]],
    ]);
    const [[first, others]] = seen as [[Whole, Whole[]]];
    for (const input of [first, ...(first.parts ?? []), ...others]) expect(input).not.toBeInstanceOf(Whole);
    await graphql({ schema: build(true), source: '{ look(first: {}) }' });
    expect(seen[1]).toEqual([{}, undefined]);
  });

  it('leaves authorization and the check of types as they are', async () => {
    const refused = await graphql({ schema: build(false), source: '{ look(first: {}) }' });
    expect(refused.errors).toHaveLength(1);
    const wrong = await graphql({ schema: build(true), source: '{ look(first: { parts: [{}] }) }' });
    expect(wrong.errors?.[0]?.message).toContain('size');
    expect(seen).toEqual([]);
  });
});
