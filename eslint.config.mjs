import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'cdktf.out', 'node_modules', '**/*.js', '**/*.mjs'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A field that is only named to leave it out of the rest counts as used.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowStaticOnly: true }],
    },
  },
  {
    files: ['lib/**/*.ts'],
    // A program, which reads the locations of the engine and Terraform from its environment.
    ignores: ['lib/command-line/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'the library reads no environment: take it as a property' },
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/engines/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@cdktf/provider-docker*'], message: 'only lib/engines may import the provider' }] },
      ],
    },
  },
  {
    files: ['examples/reference-service/**/*.ts'],
    // A role, a transport or a stand-in of a test fills in an interface whose methods return promises, and many of
    // them have nothing to wait for. As async functions they still reject where they fail, instead of throwing.
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    files: ['examples/reference-service/test/**/*.ts'],
    rules: {
      // node:test itself waits for the promises of its tests.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'describe'] }],
        },
      ],
    },
  },
);
