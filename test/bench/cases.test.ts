import { CASES, checkSameOutput, writeGeneratedFiles } from './cases';
import { inTemporaryFolder } from '../setup/temporary-folder';

test.each(CASES.filter(({ name }) => name !== '1000 services'))(
  'What is compared in the case of $name is the same by hand as with the library',
  (one) => {
    expect(() => {
      inTemporaryFolder((files) => {
        writeGeneratedFiles(one, files);
        checkSameOutput(one, files);
      });
    }).not.toThrow();
  },
);
