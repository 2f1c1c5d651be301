let known: Promise<ReadonlySet<string>> | undefined

/**
 * Whether it is among the 49,000 passwords that leaks show most often, in whatever case: those that guesses begin with. The
 * list is large and seldom asked, so it is read when somebody first chooses a password.
 */
export async function isBreached(password: string): Promise<boolean> {
  known ??= load()
  return (await known).has(password.toLowerCase())
}

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'].map((word) => String(word).toLowerCase()))
}
