#!/usr/bin/env bash
# Docker's matcher for .dockerignore makes regular expressions of rules with wildcards and lists
# ".+()|{}$" as the characters to escape, but escapes only those below 64: its bitmap has eight
# bytes, and the bits of "|", "{" and "}" are shifted out. So "*.log|*.tmp" leaves out every file
# that starts like a .log file, such as a.logic, "a{2}*" is "aa", and "*{2}" is an error.
#
# Seen with github.com/moby/patternmatcher v0.6.1; without a wildcard, the same characters are literal.
# Expected: one file with the odd name "x.log|x.tmp", as in filepath.Match, whose syntax is documented.
# Why it matters: a file that a rule excludes by accident is missing in the image, and one that a
# rule was meant to exclude, such as "{backup}*", is in it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"path/filepath"

	"github.com/moby/patternmatcher"
)

func main() {
	for _, try := range [][2]string{
		{"*.log|*.tmp", "a.logic"}, {"*.log|*.tmp", "a.log|b.tmp"}, {"a{2}*", "aa"}, {"a{2}*", "a{2}"}, {"a|b", "a"},
	} {
		rule, path := try[0], try[1]
		documented, err := filepath.Match(rule, path)
		if err != nil {
			panic(err)
		}
		excluded, err := patternmatcher.MatchesOrParentMatches(path, []string{rule})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s %s: filepath.Match %v, patternmatcher %v\n", rule, path, documented, excluded)
	}
}
GO
{
  go mod init alternatives
  go get github.com/moby/patternmatcher@v0.6.1
} > go.log 2>&1 || { cat go.log; exit 1; }
go run . | tee result

diff - result <<'EXPECTED'
*.log|*.tmp a.logic: filepath.Match false, patternmatcher true
*.log|*.tmp a.log|b.tmp: filepath.Match true, patternmatcher true
a{2}* aa: filepath.Match false, patternmatcher true
a{2}* a{2}: filepath.Match true, patternmatcher false
a|b a: filepath.Match false, patternmatcher false
EXPECTED
