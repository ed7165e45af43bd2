#!/usr/bin/env bash
# @balena/dockerignore says that it is compatible with Docker, and keeps other files than
# Docker's own matcher: "!**.py" brings back every Python file for Docker and none for it,
# "app/(admin)" leaves out app/admin instead, and "vendor/c++" is a SyntaxError.
#
# Seen with @balena/dockerignore 1.0.2 (npm) against github.com/moby/patternmatcher v0.6.1, the
# matcher of Docker and BuildKit.
# Expected: the same files, as the rules use nothing but documented characters.
# Why it matters: tools hash "the build context" with the npm package to decide whether an image
# has to be rebuilt. With "*" and "!**.py", main.py is sent to the build and is not in the hash:
# the program changes, the tag does not, and the old strategy keeps running.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir rules
printf '*\n!**.py\n' > rules/1
printf 'app/(admin)\n' > rules/2
printf 'vendor/c++\n' > rules/3
printf '%s\n' main.py src/order.py vendor/c++ 'app/(admin)' app/admin README > paths

npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @balena/dockerignore@1.0.2
cat > kept.cjs <<'JS'
const { readFileSync } = require('node:fs');
const ignore = require('@balena/dockerignore');
const paths = readFileSync('paths', 'utf8').trim().split('\n');
for (const file of ['1', '2', '3']) {
  const rules = readFileSync(`rules/${file}`, 'utf8').trim();
  let kept;
  try {
    kept = paths.filter(ignore().add(rules).createFilter()).join(' ');
  } catch (error) {
    kept = error.name;
  }
  console.log(`${rules.replace('\n', ' ')} => ${kept || '(nothing)'}`);
}
JS
cat > main.go <<'GO'
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

func main() {
	file, err := os.Open("paths")
	if err != nil {
		panic(err)
	}
	var paths []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		paths = append(paths, lines.Text())
	}
	for _, name := range []string{"1", "2", "3"} {
		text, err := os.ReadFile("rules/" + name)
		if err != nil {
			panic(err)
		}
		rules, err := ignorefile.ReadAll(strings.NewReader(string(text)))
		if err != nil {
			panic(err)
		}
		matcher, err := patternmatcher.New(rules)
		if err != nil {
			panic(err)
		}
		var kept []string
		for _, path := range paths {
			if ignored, err := matcher.MatchesOrParentMatches(path); err != nil {
				panic(err)
			} else if !ignored {
				kept = append(kept, path)
			}
		}
		fmt.Printf("%s => %s\n", strings.Join(rules, " "), strings.Join(kept, " "))
	}
}
GO
{
  go mod init ignored
  go get github.com/moby/patternmatcher@v0.6.1
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
echo "What @balena/dockerignore 1.0.2 keeps:"
node kept.cjs | tee balena.txt
echo "What moby/patternmatcher v0.6.1 keeps:"
go run . | tee moby.txt

diff - balena.txt <<'EXPECTED'
* !**.py => (nothing)
app/(admin) => main.py src/order.py vendor/c++ app/(admin) README
vendor/c++ => SyntaxError
EXPECTED
diff - moby.txt <<'EXPECTED'
* !**.py => main.py src/order.py
app/(admin) => main.py src/order.py vendor/c++ app/admin README
vendor/c++ => main.py src/order.py app/(admin) app/admin README
EXPECTED
