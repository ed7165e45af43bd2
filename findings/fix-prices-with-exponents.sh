#!/usr/bin/env bash
# FIX has no exponents, but simplefix and asyncfix write what str() gives: a quantity of Decimal("100").normalize() is
# sent as "1E+2", and a price of 0.0000001 as "1e-07". QuickFIX/J refuses both as a double and takes them as a decimal.
#
# Seen with simplefix 1.0.17 and asyncfix 1.0.1 (PyPI), and org.quickfixj:quickfixj-base 3.0.0 (Maven).
# Expected: 100 and 0.0000001. The FIX data type float has digits, a sign and a decimal point only.
# Why it matters: normalize() is the usual way to drop trailing zeros, and changes only round numbers: 123.40 is sent as
# 123.4, and 100 is rejected as an incorrect data format, or accepted where the other side happens to read a decimal.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check simplefix==1.0.17 asyncfix==1.0.1
venv/bin/python - > sent <<'PY'
from decimal import Decimal

from asyncfix import FIXMessage
from simplefix import FixMessage

for value in (Decimal("123.40").normalize(), Decimal("100.00").normalize(), 0.0000001):
    simple, other = FixMessage(), FIXMessage("D")
    simple.append_pair(38, value)
    other.set(38, value)
    assert simple.get(38).decode() == other.get(38)
    print(other.get(38))
PY

artifact=org.quickfixj:quickfixj-base:3.0.0
mvn --batch-mode dependency:copy "-Dartifact=$artifact" "-DoutputDirectory=$work/jars" > mvn.log 2>&1 || { cat mvn.log; exit 1; }
cat > Received.java <<'JAVA'
import java.util.Scanner;
import quickfix.FieldConvertError;
import quickfix.field.converter.DecimalConverter;
import quickfix.field.converter.DoubleConverter;

public class Received {
    interface Converter {
        Object convert(String text) throws FieldConvertError;
    }

    static String read(Converter converter, String text) {
        try {
            return converter.convert(text).toString();
        } catch (FieldConvertError error) {
            return "an error";
        }
    }

    public static void main(String[] arguments) {
        for (Scanner lines = new Scanner(System.in); lines.hasNextLine();) {
            String text = lines.nextLine();
            System.out.printf("38=%s: as a double %s, as a decimal %s%n", text, read(DoubleConverter::convert, text),
                read(DecimalConverter::convert, text));
        }
    }
}
JAVA
java -cp 'jars/*' Received.java < sent | tee result

diff - result <<'EXPECTED'
38=123.4: as a double 123.4, as a decimal 123.4
38=1E+2: as a double an error, as a decimal 1E+2
38=1e-07: as a double an error, as a decimal 1E-7
EXPECTED
