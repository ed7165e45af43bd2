import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleKind, transpileModule } from 'typescript';

const FRONTEND = join(__dirname, '../../examples/alpaca/frontend');
const HTML = readFileSync(join(FRONTEND, 'index.html'), 'utf8');
const SCRIPT = transpileModule(
  readFileSync(join(FRONTEND, 'src/app.js'), 'utf8').replace(/import\.meta\.env\.\w+/g, "'/api'"),
  { compilerOptions: { module: ModuleKind.CommonJS } },
).outputText;
const TICK = { symbol: 'AAPL', bid: 99, ask: 101, time: '2026-01-02T03:04:05.000Z' };

interface Order {
  readonly id: string;
  readonly symbol: string;
  readonly quantity: number;
  readonly price: number;
}

/** The parts of an element that the page uses. */
class PageElement {
  value = '';
  textContent = '';
  disabled = false;
  readonly options: unknown[] = [];
  readonly elements: Record<string, PageElement> = {};
  readonly listeners = new Map<string, (event: object) => void>();

  addEventListener(name: string, listener: (event: object) => void): void {
    this.listeners.set(name, listener);
  }

  replaceChildren(...children: unknown[]): void {
    this.options.splice(0, this.options.length, ...children);
  }

  insertCell(): PageElement {
    return new PageElement();
  }
}

/** The page with a minimal browser, whose `fetch` answers orders. */
class Page {
  readonly sent: Order[] = [];
  private readonly elements = new Map<string, PageElement>();
  private readonly feed = new Map<string, (message: unknown) => void>();

  constructor(answer: (order: Order) => Promise<Response>) {
    for (const [, id] of HTML.matchAll(/ id="(\w+)"/g)) this.elements.set(id ?? '', new PageElement());
    const symbol = new PageElement();
    this.element('order').elements.symbol = symbol;
    const entry = this.element('entry');
    const browser = {
      exports: {},
      require: () => ({
        io: () => ({ on: (name: string, act: (message: unknown) => void) => this.feed.set(name, act) }),
      }),
      document: {
        getElementById: (id: string) => this.element(id),
        createElement: () => new PageElement(),
      },
      Option: PageElement,
      FormData: class {
        get(name: string): string | null {
          const values: Record<string, string> = { symbol: 'AAPL', side: 'BUY', quantity: '2' };
          // A browser omits disabled fields.
          return entry.disabled ? null : (values[name] ?? null);
        }
      },
      fetch: (_url: string, { body }: { readonly body: string }) => {
        const order = JSON.parse(body) as Order;
        this.sent.push(order);
        return answer(order);
      },
    };
    // The only way to run the script of a page with replacements for the globals of a browser.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    const run = new Function(...Object.keys(browser), SCRIPT) as (...values: unknown[]) => void;
    run(...Object.values(browser));
  }

  element(id: string): PageElement {
    const found = this.elements.get(id);
    if (found === undefined) throw new Error(`the page has no element '${id}'`);
    return found;
  }

  tick(tick: object = TICK): void {
    this.feed.get('tick')?.(tick);
  }

  /** Presses the button, or the enter key. */
  async submit(): Promise<void> {
    const form = this.element('order');
    form.listeners.get('submit')?.({ preventDefault: () => undefined, target: form });
    await settled();
  }

  get shown(): string {
    return this.element('answer').value;
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function json(code: number, body: object): Promise<Response> {
  return Promise.resolve(Response.json(body, { status: code }));
}

const filled = (order: Order): Promise<Response> => json(201, { id: order.id, status: 'filled' });

describe('the page of alpaca', () => {
  test('the page sends the order on the screen, each with a unique id', async () => {
    const page = new Page(filled);
    page.tick();
    await page.submit();
    await page.submit();

    expect(page.sent).toMatchObject([
      { symbol: 'AAPL', side: 'BUY', quantity: 2, price: 101 },
      { symbol: 'AAPL', side: 'BUY', quantity: 2, price: 101 },
    ]);
    expect(page.sent[0]?.id).not.toBe(page.sent[1]?.id);
    expect(page.shown).toBe('filled');
  });

  test('the page sends no order before the first price, and shows why', async () => {
    const page = new Page(filled);
    await page.submit();

    expect(page.sent).toEqual([]);
    expect(page.shown).toBe('there is no price of AAPL yet');
    page.tick();
    await page.submit();
    expect(page.shown).toBe('filled');
  });

  test('the page sends one order when the button is pressed twice', async () => {
    let answer: (response: Response) => void = () => undefined;
    const page = new Page(() => new Promise((resolve) => (answer = resolve)));
    page.tick();
    await page.submit();
    expect(page.element('place').disabled).toBe(true);
    await page.submit();

    expect(page.sent).toHaveLength(1);
    answer(Response.json({ status: 'refused', reason: 'too large' }, { status: 409 }));
    await settled();
    await settled();
    expect([page.shown, page.element('place').disabled]).toEqual(['refused: too large', false]);
  });

  const outcomes: readonly (readonly [string, () => Promise<Response>])[] = [
    ['the outcome is unknown', () => json(504, { status: 'unknown', reason: 'no answer within 4000 ms' })],
    ['nginx gives up', () => Promise.resolve(new Response('<html>', { status: 504 }))],
    ['the connection is lost', () => Promise.reject(new TypeError('fetch failed'))],
  ];
  test.each(outcomes)('the page sends the same order again when %s', async (_case, lost) => {
    let answer: (order: Order) => Promise<Response> = lost;
    const page = new Page((order) => answer(order));
    page.tick();
    await page.submit();
    expect(page.shown).not.toBe('');
    expect([page.element('entry').disabled, page.element('place').disabled]).toEqual([true, false]);

    page.tick({ ...TICK, ask: 102 });
    answer = filled;
    await page.submit();
    expect(page.sent[1]).toEqual(page.sent[0]);
    expect([page.shown, page.element('entry').disabled]).toEqual(['filled', false]);

    await page.submit();
    expect(page.sent[2]).toMatchObject({ price: 102 });
    expect(page.sent[2]?.id).not.toBe(page.sent[0]?.id);
  });

  test.each([
    [400, { message: 'body/quantity must be > 0' }, 'body/quantity must be > 0'],
    [503, { status: 'failed', reason: 'no connection' }, 'failed: no connection'],
  ])('the page accepts another order when the status %s says that nothing was done', async (code, body, shown) => {
    const page = new Page(() => json(code, body));
    page.tick();
    await page.submit();
    expect(page.shown).toBe(shown);
    await page.submit();

    expect(page.sent[0]?.id).not.toBe(page.sent[1]?.id);
  });
});
