import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** An empty folder for every test, in which the app runs as it does in a project's. */
export class TemporaryProject {
  static forEveryTest(): TemporaryProject {
    const project = new TemporaryProject();
    beforeEach(() => {
      project.enter();
    });
    afterEach(() => {
      project.leave();
    });
    return project;
  }

  private folder = '';
  private readonly before = process.cwd();

  /** Absolute path of a file or folder of the project. */
  locate(path: string): string {
    return join(this.folder, path);
  }

  /** Writes a file and the folders above it. */
  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.locate(path)), { recursive: true });
    writeFileSync(this.locate(path), content);
  }

  private enter(): void {
    this.folder = mkdtempSync(join(tmpdir(), 'project-'));
    process.chdir(this.folder);
  }

  private leave(): void {
    process.chdir(this.before);
    rmSync(this.folder, { recursive: true });
  }
}
