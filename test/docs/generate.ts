import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { App } from 'cdktf';
import { errorsDocument } from '../errors/document';
import { VERSIONS_GUIDE, versionsGuide } from '../matrix/guide';
import { COMPOSE_PASTED_FILE, composePasted } from '../hints/generated';
import { ALERTS_GUIDE, alertsGuide } from './alerts-guide';
import { COMPOSE_GUIDE, composeGuide } from './compose-guide';
import { exampleReports } from './example-reports';
import { IMAGES_GUIDE, imagesGuide } from './images-guide';

writeFileSync(resolve(__dirname, '../../docs/errors.md'), errorsDocument());
writeFileSync(ALERTS_GUIDE, alertsGuide());
writeFileSync(COMPOSE_GUIDE, composeGuide());
writeFileSync(IMAGES_GUIDE, imagesGuide());
writeFileSync(VERSIONS_GUIDE, versionsGuide());
writeFileSync(COMPOSE_PASTED_FILE, composePasted());
for (const { file, content } of exampleReports(() => new App())) writeFileSync(file, content);
