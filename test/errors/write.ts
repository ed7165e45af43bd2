import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorsDocument } from './document';

writeFileSync(resolve(__dirname, '../../docs/errors.md'), errorsDocument());
