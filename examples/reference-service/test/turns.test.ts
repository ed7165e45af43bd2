import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { NothingDoneError } from '../src/nothing-done';
import { Turns } from '../src/turns';

const soon = (): number => Date.now() + 10_000;

describe('turns', () => {
  it('run one after another, whether the earlier ones succeed or fail', async () => {
    const turns = new Turns();
    const events: string[] = [];
    const work = async (name: string): Promise<string> => {
      events.push(`${name} begins`);
      await delay(20);
      events.push(`${name} ends`);
      if (name === 'a') throw new Error('a failed');
      return name;
    };
    const [a, b] = await Promise.allSettled(['a', 'b'].map((name) => turns.take(soon(), () => work(name))));
    assert.deepEqual(events, ['a begins', 'a ends', 'b begins', 'b ends']);
    assert.equal(a?.status, 'rejected');
    assert.deepEqual(b, { status: 'fulfilled', value: 'b' });
  });

  it('are rejected at their deadline, and not only when it would be their turn', async () => {
    const turns = new Turns();
    const first = turns.take(soon(), () => delay(300));
    const started = Date.now();
    let begun = false;
    const late = turns.take(Date.now() + 50, async () => void (begun = true));
    await assert.rejects(late, NothingDoneError);
    assert.ok(Date.now() - started < 200);
    await first;
    await turns.settled();
    assert.equal(begun, false);
  });

  it('are rejected immediately when it closes, except for the one that was started', async () => {
    const turns = new Turns();
    const begun = turns.take(soon(), () => delay(200, 'done'));
    await delay(10);
    const waiting = turns.take(soon(), async () => 'done');
    turns.close('it stops');
    await assert.rejects(waiting, /^Error: it stops$/);
    await assert.rejects(
      turns.take(soon(), async () => 'done'),
      /it stops/,
    );
    await turns.settled();
    assert.equal(await begun, 'done');
  });
});
