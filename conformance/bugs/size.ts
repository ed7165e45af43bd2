import { AppService, Cpu, Image, Size } from '../../lib';
import type { Bug } from './bug';
import { image } from './shared';

export const SIZE = {
  'B-22': {
    title: 'Images smaller than their bases',
    forms: [
      {
        written: 'an image of any size',
        stack: (stack, write) => {
          write('bot/Dockerfile', 'FROM python:3.13\nRUN apt-get update\nUSER 1000\nCMD ["/bot"]\n');
          return new AppService(stack, 'bot', { image: Image.fromBuild('./bot'), port: 8000 });
        },
        shows: /"dockerfile":"Dockerfile"/,
      },
    ],
  },
  'B-37': {
    title: 'Two limits for one service',
    forms: [
      {
        written: 'a second limit, as in the table of a Compose file',
        compiles: false,
        stack: (stack) =>
          // @ts-expect-error -- there is no `deploy`
          new AppService(stack, 'strategy', { image, port: 8006, deploy: { resources: { limits: { cpus: '4' } } } }),
      },
      {
        written: 'a reservation above the limit',
        stack: (stack) =>
          new AppService(stack, 'strategy', {
            image,
            port: 8006,
            resources: { memory: Size.gibibytes(4), memoryReservation: Size.gibibytes(8) },
          }),
      },
      {
        written: 'five replicas with 8 GiB each, on a host of any size',
        stack: (stack) =>
          new AppService(stack, 'strategy', {
            image,
            port: 8006,
            replicas: 5,
            resources: { memory: Size.gibibytes(8), cpus: Cpu.cores(4) },
          }),
        shows: /"memory":8192/,
      },
    ],
  },
  'B-46': {
    title: 'Limits as large as the host',
    forms: [
      {
        written: 'a limit of 1,000 GiB',
        stack: (stack) =>
          new AppService(stack, 'bot', { image, port: 8000, resources: { memory: Size.gibibytes(1000) } }),
        shows: /"memory":1024000/,
      },
    ],
  },
} satisfies Record<string, Bug>;
