import { imagesIn } from '../../../lib/workload/images/dockerfile';

const DOCKERFILE = `
ARG NODE=node:24-slim
ARG TOOLS
FROM golang:1.25 AS build
FROM build AS checked
# FROM debian:12
FROM \${NODE} AS front
COPY --from=build --chown=1000 /bot /bot
COPY --from=0 /bot /bot
COPY --from=ghcr.io/desk/tini:1 /tini /tini
FROM scratch
COPY --from=\${TOOLS} /bin/sh /bin/sh
`;

describe('the images that a build needs', () => {
  test('are those of FROM and COPY --from, with the values of build arguments, and no stages', () => {
    expect(imagesIn(DOCKERFILE, undefined, { NODE: 'node:22-slim', TOOLS: 'busybox:1' })).toEqual([
      'golang:1.25',
      'node:22-slim',
      'ghcr.io/desk/tini:1',
      'busybox:1',
    ]);
  });

  test('are those up to the stage that is built', () => {
    expect(imagesIn(DOCKERFILE, 'checked', {})).toEqual(['golang:1.25']);
    expect(imagesIn(DOCKERFILE, 'Front', {})).toEqual(['golang:1.25', 'node:24-slim', 'ghcr.io/desk/tini:1']);
  });

  test('include one whose name is put together from several build arguments', () => {
    const dockerfile = 'ARG VERSION=24\nARG BASE=node:${VERSION}-slim\nFROM ${BASE}\n';
    expect(imagesIn(dockerfile, undefined, {})).toEqual(['node:24-slim']);
    expect(imagesIn(dockerfile, undefined, { VERSION: '22' })).toEqual(['node:22-slim']);
  });
});
