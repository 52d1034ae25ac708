#!/bin/sh
# Homing from a shell, with curl and jq: sh examples/backend/homing.sh
set -eu
: "${HOMING_URL:=http://localhost:3000}" "${HOMING_KEY:?Set HOMING_KEY to an access key of Homing.}"

TRIES=5
FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT

# send once|again DOCUMENT VARIABLES: sends an operation and prints its data. What may be done twice (again) is tried again
# after every failure that passes; the rest (once) only when nothing was stored. It ends with 2 when nobody knows whether it was.
send() {
  jq -n --arg query "$2" --argjson variables "$3" '{query: $query, variables: $variables}' >"$FOLDER/body"
  tries=1
  while :; do
    : >"$FOLDER/answer" >"$FOLDER/head"
    failure=0
    status=$(curl -sS --max-time 30 -o "$FOLDER/answer" -D "$FOLDER/head" -w '%{http_code}' \
      -H 'content-type: application/json' -H "x-api-key: $HOMING_KEY" \
      --data-binary "@$FOLDER/body" "$HOMING_URL/graphql") || failure=$?
    if [ "$failure" = 0 ] && [ "$status" = 200 ] && jq -e '.errors | not' "$FOLDER/answer" >"$FOLDER/check"; then
      jq -c .data "$FOLDER/answer"
      return 0
    fi
    error=$(jq -r '.errors[0] | "\(.extensions.code): \(.message)"' "$FOLDER/answer" 2>"$FOLDER/check" || true)
    error=${error:-no answer ($status)}
    # curl's 6 and 7: the name has no address, or nobody listens there. Then the request was never sent.
    case "$failure $status $error" in
    [67]\ * | *' 429 '* | *'Nothing was stored'*) ;;
    *' INTERNAL_SERVER_ERROR: '*)
      [ "$1" = once ] || { echo "$error" >&2 && return 1; }
      echo "unknown whether it was stored: $error" >&2 && return 2
      ;;
    '0 502 '* | '0 503 '* | '0 504 '* | [1-9]*) [ "$1" = again ] || { echo "unknown whether it was stored: $error" >&2 && return 2; } ;;
    *) echo "$error" >&2 && return 1 ;;
    esac
    [ "$tries" -lt "$TRIES" ] || { echo "given up: $error" >&2 && return 1; }
    wait=$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]*\).*/\1/p' "$FOLDER/head")
    sleep "${wait:-$tries}"
    tries=$((tries + 1))
  done
}

# The URI at which the browser of this recipient connects.
register() {
  data=$(send again 'mutation ($input: RegisterRecipientInput!) { registerRecipient(input: $input) { connectionUri } }' \
    "$(jq -n --arg recipient "$1" '{input: {recipient: $recipient}}')") || return
  printf '%s' "$data" | jq -r .registerRecipient.connectionUri
}

# push MESSAGE INPUT RECIPIENT...: INPUT holds more of the input, or is {}. One line for each recipient says what became of it.
push() {
  message=$1 more=$2
  shift 2
  input=$(jq -n --arg message "$message" --argjson more "$more" \
    '{input: ({recipients: $ARGS.positional, message: $message} + $more)}' --args -- "$@")
  data=$(send once 'mutation ($input: MessageInput!) {
      pushMessage(input: $input) { item { id recipient } error { message } }
    }' "$input") || return
  # One result for each recipient, in the order of the input, from which those that were named twice are taken out.
  printf '%s' "$data" | jq -r '
    [$ARGS.positional | to_entries | unique_by(.value) | sort_by(.key)[].value] as $names | .pushMessage | to_entries[] |
    if .value.item then "stored for \($names[.key]) \(.value.item.id)"
    else "refused for \($names[.key] | tojson) \(.value.error.message)" end' --args -- "$@"
}

# Pushes a message to all recipients.
push_globally() {
  data=$(send once 'mutation ($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id } }' \
    "$(jq -n --arg message "$1" '{input: {message: $message}}')") || return
  printf '%s' "$data" | jq -r '"stored for all \(.pushGlobalMessage.id)"'
}

# All messages to this recipient, newest first, page by page.
messages() {
  next=null
  while :; do
    page=$(send again 'query ($recipient: String, $next: String) {
        messages(filter: { recipient: $recipient }, limit: 1000, nextToken: $next) { items { status message } nextToken }
      }' "$(jq -n --arg recipient "$1" --argjson next "$next" '{recipient: $recipient, next: $next}')") || return
    printf '%s' "$page" | jq -r '.messages.items[] | "\(.status) \(.message)"'
    next=$(printf '%s' "$page" | jq .messages.nextToken)
    [ "$next" != null ] || return 0
  done
}

URI=$(register ann)
echo "ann connects at $URI"
push 'Hello from a shell' '{}' ann bob ''
push 'Shell: this is gone in an hour' "$(jq -n '{expiresAt: (now + 3600 | todate)}')" ann
push_globally 'Shell: this is for all'
messages ann
