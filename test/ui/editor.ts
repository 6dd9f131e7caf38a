/// <reference lib="dom" />
// The workbench as a user has it before the eyes: what can be clicked, typed and read there.

import type { Locator, Page } from 'playwright-core';

export class Editor {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url, { timeout: 180_000 });
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 180_000 });
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 180_000 });
  }

  press(keys: string): Promise<void> {
    return this.page.keyboard.press(keys);
  }

  /** Opens the quick input by `keys` and fills it. A workbench that is still busy may swallow the keys, or close it again. */
  private async ask(keys: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    for (let tries = 1; ; tries++) {
      await this.press(keys);
      try {
        return await input.fill(text, { timeout: 10_000 });
      } catch (error) {
        if (tries === 10) throw error;
      }
    }
  }

  /** Runs a command by its title in the command palette. */
  async run(title: string): Promise<void> {
    await this.ask('F1', `>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
  }

  async openFile(name: string): Promise<void> {
    await this.ask('Control+P', name);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click();
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
  }

  async showDebugSideBar(): Promise<void> {
    await this.press('Control+Shift+D');
    await this.page.locator('.sidebar .composite.title', { hasText: /run and debug/i }).waitFor();
  }

  /** Starts debugging by F5 and waits until the kernel is stopped. */
  async start(): Promise<void> {
    await this.press('F5');
    await this.page.locator('.debug-toolbar').waitFor({ timeout: 90_000 });
    await this.stopped();
  }

  /** Starts the launch configuration called `name`, and waits until the kernel is stopped. */
  async startConfiguration(name: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
    // The list does not follow configurations that are still being read.
    for (let tries = 0; !(await row.isVisible()); tries++) {
      if (tries === 20) throw new Error(`there is no configuration ${name}`);
      await this.press('Escape');
      await this.ask('Control+P', `debug ${name}`);
      await row.waitFor({ timeout: 10_000 }).catch(() => undefined);
    }
    await row.click();
    await this.page.locator('.debug-toolbar').waitFor({ timeout: 90_000 });
    await this.stopped();
  }

  /** Ends the session. */
  async stopDebugging(): Promise<void> {
    await this.toolbar('stop');
    await this.page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 90_000 });
  }

  /** Writes into the input box that is open, and confirms. */
  async answer(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget:not([style*="display: none"]) input[type="text"]').first();
    await input.fill(text);
    await input.press('Enter');
    await this.page.locator('.quick-input-widget').first().waitFor({ state: 'hidden' });
  }

  /** Takes an entry of the list that is open. */
  async chooseFromList(text: string): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click();
  }

  /** Presses the button `icon` of the debug toolbar. */
  toolbar(icon: 'continue' | 'restart' | 'stop' | 'pause'): Promise<void> {
    return this.page.locator(`.debug-toolbar .codicon-debug-${icon}`).click();
  }

  /** Continues to the next stop, whose reason is another than this one's. */
  async continue(): Promise<string> {
    const before = await this.stopReason();
    await this.toolbar('continue');
    for (let tries = 0; tries < 300; tries++) {
      await this.page.waitForTimeout(100);
      const reason = await this.stopReason();
      if (reason && reason !== before && reason !== 'Running') {
        await this.stopped();
        return reason;
      }
    }
    throw new Error(`no stop within 30 s after "${before}"`);
  }

  async stopped(): Promise<void> {
    await this.page.locator('.debug-toolbar .codicon-debug-continue').waitFor({ timeout: 180_000 });
    await this.page.locator('.debug-call-stack .monaco-list-row').first().waitFor({ timeout: 90_000 });
  }

  /** What the call stack says of why the kernel is stopped. */
  async stopReason(): Promise<string> {
    const labels = this.page.locator('.call-stack-state-message .label, .debug-call-stack .state.label');
    return (await labels.allTextContents()).join(' ').trim();
  }

  /** A view of the side bar, by its title. */
  pane(title: string): Locator {
    return this.page.locator('.sidebar .pane').filter({ has: this.page.locator(`h3.title:text-is("${title}")`) });
  }

  /** Opens or closes a view. */
  async expand(title: string, open = true): Promise<void> {
    const header = this.pane(title).locator('.pane-header');
    if (((await header.getAttribute('aria-expanded')) === 'true') !== open) await header.locator('h3.title').click();
  }

  /** Leaves only this view open, so that its rows have room. */
  async showAlone(title: string): Promise<void> {
    for (const other of await this.page
      .locator('.sidebar .pane-header[aria-expanded="true"] h3.title')
      .allTextContents())
      if (other.toLowerCase() !== title.toLowerCase()) await this.expand(other, false);
    await this.expand(title);
  }

  rows(title: string): Locator {
    return this.pane(title).locator('.monaco-list-row');
  }

  /** Waits until a view has a row with this text; gives the row. Lists hold only the rows that have room: it scrolls. */
  async row(title: string, text: string | RegExp): Promise<Locator> {
    const row = this.rows(title).filter({ hasText: text }).first();
    const list = this.pane(title).locator('.monaco-list').first();
    for (let tries = 1; ; tries++) {
      try {
        await row.waitFor({ timeout: 3000 });
        return row;
      } catch (error) {
        if (tries === 20) throw error;
      }
      if (!(await list.isVisible())) continue;
      await list.focus();
      await this.page.keyboard.press(tries % 8 === 0 ? 'Home' : 'PageDown');
    }
  }

  async expandRow(title: string, text: string | RegExp): Promise<void> {
    const row = await this.row(title, text);
    if ((await row.getAttribute('aria-expanded')) === 'false') {
      await row.locator('.monaco-tl-twistie').click();
      await this.page.waitForTimeout(400);
    }
  }

  /** Rests the mouse on `word`, in the line of the active editor that has `line`, until a hover with `text` appears. */
  async hover(line: string, word: string, text: string | RegExp = ''): Promise<Locator> {
    const target = this.page.locator('.editor-instance .view-line', { hasText: line }).first();
    const hover = this.page
      .locator('.monaco-hover:not(.hidden), .debug-hover-widget')
      .filter({ visible: true, hasText: text })
      .first();
    // An editor that has just been opened may still move, and the tooltip of another place may still be there.
    for (let tries = 0; tries < 5; tries++) {
      const { x, y } = await middleOf(target, word);
      await this.page.mouse.move(x - 60, y);
      await this.page.mouse.move(x, y, { steps: 4 });
      const shown = hover.waitFor({ timeout: 3000 });
      if (await shown.then(() => true).catch(() => false)) return hover;
    }
    throw new Error(`no hover on ${word}`);
  }

  /** The lines that the terminal shows. */
  async terminalText(): Promise<string> {
    const lines = await this.page.locator('.terminal-wrapper.active .xterm-rows > div').allTextContents();
    return lines.map((line) => line.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
  }

  /** Widens the side bar by dragging its edge. */
  async sideBarWidth(width: number): Promise<void> {
    const bar = await this.page.locator('.part.sidebar').boundingBox();
    if (!bar) throw new Error('no side bar');
    const edge = bar.x + bar.width;
    const y = bar.y + bar.height / 2;
    await this.page.mouse.move(edge, y);
    await this.page.mouse.down();
    await this.page.mouse.move(bar.x + width, y, { steps: 5 });
    await this.page.mouse.up();
  }
}

/** Where `word` is on the page, within the text of an element. */
async function middleOf(target: Locator, word: string): Promise<{ x: number; y: number }> {
  const middle = await target.evaluate((element, text) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent?.indexOf(text) ?? -1;
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    }
    return undefined;
  }, word);
  if (!middle) throw new Error(`no ${word} in the line`);
  return middle;
}
