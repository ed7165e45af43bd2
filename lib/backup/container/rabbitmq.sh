#!/bin/bash
# rabbitmq.sh dump FOLDER | paths | release | verify FOLDER | restore FOLDER | put-back | check
#
# The definitions of a RabbitMQ broker, as its HTTP API exports and imports them, without messages and without the hashes
# of passwords. The password comes from a file; the throw-away broker listens only inside this container.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

scratch=/backup/scratch
data=$scratch/throwaway
authorization=$(printf '%s:%s' "$RABBITMQ_USER" "$(cat "$RABBITMQ_PASSWORD_FILE")" | base64 -w 0)

# Prints the answer to a request with a file as its body. With bash, as not every image has a client for HTTP.
request() {
  local method=$1 path=$2 body=${3:-/dev/null} status line length=
  # A connection of the shell itself has no timeout.
  timeout 10 bash -c '< "/dev/tcp/$0/15672"' "$RABBITMQ_HOST" 2> /dev/null || {
    echo "RabbitMQ does not answer at $RABBITMQ_HOST:15672" >&2
    return 1
  }
  exec 3<> "/dev/tcp/$RABBITMQ_HOST/15672"
  printf '%s /api/%s HTTP/1.0\r\nHost: rabbitmq\r\nAuthorization: Basic %s\r\n' "$method" "$path" "$authorization" >&3
  printf 'Content-Type: application/json\r\nContent-Length: %s\r\n\r\n' "$(wc -c < "$body")" >&3
  cat "$body" >&3
  IFS= read -r -t 600 status <&3
  while IFS= read -r -t 60 line <&3 && [ "$line" != $'\r' ]; do
    case ${line,,} in content-length:*) length=$(tr -cd 0-9 <<< "$line") ;; esac
  done
  cat <&3 > "$scratch/tmp/answer"
  exec 3>&-
  case $status in *' 2'*) ;; *)
    echo "RabbitMQ answered: ${status%$'\r'} $(cat "$scratch/tmp/answer")" >&2
    return 1
    ;;
  esac
  if [ -n "$length" ] && [ "$(wc -c < "$scratch/tmp/answer")" -ne "$length" ]; then
    echo "RabbitMQ closed the connection before its answer was complete" >&2
    return 1
  fi
  cat "$scratch/tmp/answer"
}

# The stack sets the passwords of its users, which may be others by the time of a restore.
definitions() {
  local all=$scratch/tmp/definitions
  request GET definitions > "$all" || return 1
  # Without a length, this is how one is recognized that was cut off.
  [ "$(tail -c 1 "$all")" = '}' ] || {
    echo "RabbitMQ's definitions are incomplete" >&2
    return 1
  }
  sed 's/"password_hash":"[^"]*"/"password_hash":""/g' "$all"
  rm "$all"
}

# RabbitMQ's own tool, for the throw-away broker.
control() { rabbitmqctl --quiet --node throwaway@localhost "$@"; }

stop_throwaway() {
  local status=$?
  kill "$broker" 2> /dev/null || true
  wait "$broker" || true
  epmd -kill > /dev/null 2>&1 || true
  rm -rf "$data"
  exit "$status"
}

start_throwaway() {
  rm -rf "$data"
  mkdir -p "$data/conf.d"
  printf 'listeners.tcp = none\nlog.console = false\n' > "$data/conf.d/throwaway.conf"
  echo '[].' > "$data/enabled_plugins"
  export HOME=$data ERL_EPMD_ADDRESS=127.0.0.1
  RABBITMQ_NODENAME=throwaway@localhost RABBITMQ_CONFIG_FILE=$data/none RABBITMQ_CONFIG_FILES=$data/conf.d \
    RABBITMQ_ENABLED_PLUGINS_FILE=$data/enabled_plugins RABBITMQ_MNESIA_BASE=$data/data RABBITMQ_SCHEMA_DIR=$data/schema \
    RABBITMQ_LOG_BASE=$data/log RABBITMQ_PID_FILE=$data/pid \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
    rabbitmq-server > "$data/output" 2>&1 &
  broker=$!
  trap stop_throwaway EXIT
  until [ -e "$data/pid" ] && control await_startup --timeout 300 > "$data/await" 2>&1; do
    if ! kill -0 "$broker" 2> /dev/null || [ "$SECONDS" -ge 600 ]; then
      tail -n 20 "$data/output" "$data"/log/* >&2
      return 1
    fi
    sleep 0.5
  done
}

# Erlang, as the throw-away broker runs it, because the image has no other program that reads JSON. The sections of
# definitions, with what identifies an object in each and what else has to be equal. Parameters of plugins, and what the
# broker says of itself, are left out of a comparison. Exchanges with a reserved name are the broker's own: it exports some,
# and imports none.
FUNCTIONS='
  Sections = [{<<"vhosts">>, [<<"name">>], []},
    {<<"users">>, [<<"name">>], [<<"tags">>]},
    {<<"permissions">>, [<<"user">>, <<"vhost">>], [<<"configure">>, <<"write">>, <<"read">>]},
    {<<"topic_permissions">>, [<<"user">>, <<"vhost">>, <<"exchange">>], [<<"write">>, <<"read">>]},
    {<<"parameters">>, [<<"component">>, <<"vhost">>, <<"name">>], [<<"value">>]},
    {<<"global_parameters">>, [<<"name">>], [<<"value">>]},
    {<<"policies">>, [<<"vhost">>, <<"name">>], [<<"pattern">>, <<"apply-to">>, <<"definition">>, <<"priority">>]},
    {<<"exchanges">>, [<<"vhost">>, <<"name">>], [<<"type">>, <<"durable">>, <<"auto_delete">>, <<"internal">>, <<"arguments">>]},
    {<<"queues">>, [<<"vhost">>, <<"name">>], [<<"type">>, <<"durable">>, <<"auto_delete">>, <<"arguments">>]},
    {<<"bindings">>, [<<"vhost">>, <<"source">>, <<"destination_type">>, <<"destination">>, <<"routing_key">>, <<"arguments">>], []}],
  In = fun(Section, All) -> maps:get(Section, All, []) end,
  IsReserved = fun(#{<<"name">> := <<"amq.", _/binary>>}) -> true; (_) -> false end,
  Read = fun(Path) -> {ok, Text} = file:read_file(Path), All = rabbit_json:decode(Text),
      All#{<<"exchanges">> => [One || One <- In(<<"exchanges">>, All), not IsReserved(One)]} end,
  Keys = fun(Section, Key, All) -> sets:from_list([maps:with(Key, One) || One <- In(Section, All)]) end,
  Without = fun(Some, All) -> maps:map(fun(Section, List) ->
      case lists:keyfind(Section, 1, Sections) of
        {_, Key, _} ->
          Known = Keys(Section, Key, Some),
          [One || One <- List, not sets:is_element(maps:with(Key, One), Known)];
        false -> List
      end
    end, All) end,
  Name = fun(Section, Key, One) ->
      iolist_to_binary([Section, [[" ", rabbit_json:encode(maps:get(Part, One, <<>>))] || Part <- Key], "\n"])
    end,
  Comparable = fun(All) -> All#{<<"global_parameters">> => [],
      <<"parameters">> => [One || One <- In(<<"parameters">>, All),
        lists:member(maps:get(<<"component">>, One), [<<"operator_policy">>, <<"vhost-limits">>])]} end,
  Differing = fun(Wanted, Found) -> [Name(Section, Key, One) || {Section, Key, Rest} <- Sections,
      Equal <- [sets:from_list([maps:with(Key ++ Rest, Other) || Other <- In(Section, Found)])],
      One <- In(Section, Wanted), not sets:is_element(maps:with(Key ++ Rest, One), Equal)] end,
  Names = fun(All) -> [Name(Section, Key, One) || {Section, Key, _} <- Sections, One <- In(Section, All)] end,
  Write = fun(Path, Text) -> ok = file:write_file(Path, Text) end,
'
evaluate() { control eval "$FUNCTIONS $1." > "$data/evaluated" || { cat "$data/evaluated" >&2; return 1; }; }

# Imports a backup into the throw-away broker, and compares what that has then.
load() {
  local wanted=$1/backup/scratch/dump/definitions.json
  start_throwaway
  evaluate "Wanted = rabbit_json:encode(Comparable(Read(\"$wanted\"))), ok = rabbit_definitions:import_raw(Wanted),
    Found = rabbit_json:decode(rabbit_json:encode(rabbit_definitions:all_definitions())),
    Write(\"$data/differing\", Differing(rabbit_json:decode(Wanted), Found))"
  if [ -s "$data/differing" ]; then
    echo 'these differ from the backup after the import:' >&2
    head -n 20 "$data/differing" >&2
    return 1
  fi
}

# Adds what is missing, in one request, and changes nothing that exists: the stack has newer permissions and policies.
restore() {
  local wanted=$1/backup/scratch/dump/definitions.json
  load "$1"
  definitions > "$data/before.json"
  evaluate "Missing = Without(Read(\"$data/before.json\"), Read(\"$wanted\")),
    Write(\"$data/missing.json\", rabbit_json:encode(Missing)), Write(\"$data/missing\", Names(Missing)),
    Write(\"$data/users\", [[maps:get(<<\"name\">>, One), \"\\n\"] || One <- In(<<\"users\">>, Missing)])"
  request POST definitions "$data/missing.json" > /dev/null
  definitions > "$data/after.json"
  evaluate "Wanted = Read(\"$wanted\"), After = Read(\"$data/after.json\"), Lacks = Without(After, Wanted),
    Write(\"$data/lacking\", Names(Lacks)),
    Write(\"$data/kept\", Differing(Comparable(Without(Lacks, Wanted)), After))"
  if [ -s "$data/lacking" ]; then
    echo 'the broker did not import these:' >&2
    head -n 20 "$data/lacking" >&2
    return 1
  fi
  sed 's/^/kept as is, differs from the backup: /' "$data/kept"
  sed 's/^/added: /' "$data/missing"
  sed "s/.*/the user & has no password: set one with \`rabbitmqctl change_password\`/" "$data/users"
  echo "the definitions are restored: $(wc -l < "$data/missing") were missing, $(wc -l < "$data/kept") differ"
}

case $1 in
  dump) definitions > "$2/definitions.json" ;;
  verify) load "$2" ;;
  restore) restore "$2" ;;
  check) request GET whoami > /dev/null ;;
  # The broker does an import by itself, and nothing that existed is changed.
  put-back | paths | release) ;;
esac
