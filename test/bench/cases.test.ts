import { CASES, checkSameOutput, writeGeneratedFiles } from './cases';
import { inTemporaryFolder } from '../setup/temporary-folder';

test.each(CASES.filter(({ name }) => name !== '1000 services'))(
  'the hand-written output of the case $name equals the output of the library',
  (one) => {
    expect(() => {
      inTemporaryFolder((files) => {
        writeGeneratedFiles(one, files);
        checkSameOutput(one, files);
      });
    }).not.toThrow();
  },
);
