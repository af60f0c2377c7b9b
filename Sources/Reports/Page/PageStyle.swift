/// The style sheet of a report: a column of text as in a journal, on screen and on paper.
enum PageStyle {
  static let css = """
    :root { color-scheme: light; }
    * { box-sizing: border-box; }
    body { margin: 0; background: #f4f4f1; color: #1f2328;
      font: 16px/1.5 Charter, 'Source Serif 4', Georgia, 'Liberation Serif', 'DejaVu Serif', serif; }
    main { max-width: 1112px; margin: 0 auto; padding: 44px 56px 64px; background: #fff; }
    header { border-bottom: 2px solid #1f2328; padding-bottom: 14px; margin-bottom: 22px; }
    .kicker, h2, th, td, figcaption, .figures, dl, .note, pre, .foot {
      font-family: 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif; }
    .kicker { font-size: 12px; letter-spacing: .09em; text-transform: uppercase; color: #6a7077; margin: 0; }
    h1 { font-size: 32px; line-height: 1.2; font-weight: 600; margin: 4px 0 4px; }
    .under { color: #4a5057; margin: 0; }
    h2 { font-size: 19px; font-weight: 600; margin: 42px 0 10px; }
    p { margin: 0 0 12px; max-width: 46em; }
    .verdict { font-size: 19px; line-height: 1.45; }
    .figures { display: flex; gap: 40px; margin: 22px 0 8px; flex-wrap: wrap; }
    .figures div { border-left: 3px solid #d55e00; padding: 0 0 2px 14px; }
    .figures .poor { border-color: #b3261e; }
    .figures span { display: block; font-size: 12.5px; color: #4a5057; }
    .figures b { display: block; font-size: 28px; line-height: 1.25; font-weight: 600; }
    .figures b small { font-size: 15px; font-weight: 400; color: #4a5057; }
    .note { font-size: 14px; border-left: 3px solid #8b9198; background: #f6f7f8; padding: 9px 14px;
      margin: 0 0 8px; max-width: none; }
    .note.warning { border-color: #c77700; background: #fdf5e6; }
    figure { margin: 12px 0 22px; break-inside: avoid; }
    figure .row { display: flex; gap: 14px; flex-wrap: wrap; justify-content: space-between; }
    svg { display: block; max-width: 100%; height: auto; }
    figcaption { font-size: 13px; line-height: 1.45; color: #4a5057; margin-top: 8px; max-width: 62em; }
    figcaption b { color: #1f2328; }
    table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums;
      border-top: 1.5px solid #1f2328; border-bottom: 1.5px solid #1f2328; margin-bottom: 4px; }
    thead { border-bottom: 1px solid #1f2328; }
    tr { break-inside: avoid; }
    th { font-weight: 600; font-size: 12.5px; vertical-align: bottom; }
    th, td { padding: 4px 0 4px 18px; }
    tbody tr:nth-child(even) { background: #f8f9fa; }
    th:first-child, td:first-child { padding-left: 6px; }
    th:last-child, td:last-child { padding-right: 6px; }
    .text { text-align: left; }
    .number { text-align: right; white-space: nowrap; }
    table.errors { table-layout: fixed; margin-bottom: 14px; }
    table.errors th:first-child { font-size: 13.5px; width: 168px; }
    tr.groups th { text-align: center; color: #4a5057; font-weight: 400; padding-bottom: 0; }
    tr.groups th.group {
      background: linear-gradient(#8b9198, #8b9198) 18px 100% / calc(100% - 18px) 1px no-repeat; }
    .baseline { color: #6a7077; }
    td.strong { font-weight: 600; }
    td.poor { font-weight: 600; color: #b3261e; }
    td.code { font-family: 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace; font-size: 12px; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 5px 22px; font-size: 13.5px;
      margin: 0 0 14px; }
    dt { color: #4a5057; }
    dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    code, pre { font-family: 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace; font-size: 12px; }
    pre { background: #f6f7f8; border: 1px solid #e3e6e9; padding: 12px 14px; margin: 0 0 12px; line-height: 1.5;
      white-space: pre-wrap; overflow-wrap: anywhere; }
    pre.settings { columns: 2; column-gap: 36px; }
    .foot { font-size: 12.5px; max-width: none; color: #6a7077;
      border-top: 1px solid #d5d9dd; margin-top: 40px; padding-top: 10px; }
    @media (max-width: 760px) { main { padding: 20px; }
      pre.settings { columns: 1; } table { display: block; overflow-x: auto; } }
    @media print { body { background: #fff; font-size: 11pt; } main { padding: 0; max-width: none; }
      h2 { break-after: avoid; } @page { margin: 16mm; } }
    """
}
