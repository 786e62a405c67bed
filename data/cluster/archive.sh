# archive.sh PATH NAME FOLDER DATA GAP FLOOR_MB: copies a finished segment of the log to the archive; PostgreSQL calls it.
# Complete or not at all, on the disk before it counts, and never over another file of the same name.
set -u
umask 077
path=$1 name=$2 folder=$3 data=$4 gap=$5 floor_mb=$6
target="$folder/$name.gz" draft="$folder/.$name.$$"

same() { gzip -dc "$target" | cmp -s - "$path"; }

copy() {
  if [ -e "$target" ]; then
    same && return 0 # copied before, but PostgreSQL was stopped before it noted that
    echo "archive: $target is there and differs: another cluster uses the same archive" >&2
    return 1
  fi
  rm -f "$folder/.$name."* # drafts of runs that were broken off
  gzip -1 -n -c "$path" >"$draft" && sync "$draft" && mv -n "$draft" "$target" && [ ! -e "$draft" ] && sync "$folder"
}

copy && exit 0
rm -f "$draft"
free_mb=$(df -Pm "$data" | awk 'NR == 2 { print $4 }')
if [ "${free_mb:-0}" -lt "$floor_mb" ]; then
  # The database's own disk is nearly full of segments that wait: give this one up rather than stop the database.
  echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $name" >>"$gap"
  echo "archive: $name GIVEN UP, the archive has a gap: make a new backup ($free_mb MB free in $data)" >&2
  exit 0
fi
echo "archive: $name could not be copied to $folder" >&2
exit 1
